/**
 * Arrows move through the options, Enter takes one, Home and End jump: the
 * keyboard half of a combobox (WAI-ARIA 1.2, list autocomplete).
 *
 * @param {HTMLInputElement} input
 * @param {HTMLElement} list holds `role="option"` elements, which act on click
 */
export function listbox(input, list) {
  let serial = 0;
  const options = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll('[role="option"]')]);

  /** @param {HTMLElement|undefined} option */
  function point(option) {
    for (const other of options()) other.removeAttribute("aria-selected");
    if (!option) return void input.removeAttribute("aria-activedescendant");
    option.id ||= `${list.id}-${++serial}`;
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  }

  input.addEventListener("input", () => point(undefined));
  input.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.findIndex((option) => option.hasAttribute("aria-selected"));
    const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? all.length - 1 : at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === "Enter" && all.length) {
      event.preventDefault();
      all[Math.max(0, at)].click();
    } else if (to !== undefined && (at >= 0 || event.key.startsWith("Arrow"))) {
      event.preventDefault();
      point(all[(to + all.length) % all.length]);
    }
  });
}
