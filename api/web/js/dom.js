/**
 * One element: attributes by name, listeners by `on…`, nothing for null and false.
 *
 * @param {string} tag
 * @param {Object<string, any>} [props]
 * @param {...any} children nodes, strings, numbers, arrays of them; null and false leave no trace
 * @returns {HTMLElement}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  apply(element, props);
  element.append(...flat(children));
  return element;
}

/**
 * The same for SVG.
 *
 * @param {string} tag
 * @param {Object<string, any>} [props]
 * @param {...any} children
 * @returns {SVGElement}
 */
export function svg(tag, props = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  apply(element, props);
  element.append(...flat(children));
  return element;
}

/**
 * Puts new children in place of the old, keeping the scroll position and the
 * keyboard's focus when the focused element has a successor with the same test id.
 *
 * @param {Element} parent
 * @param {...any} children
 */
export function replace(parent, ...children) {
  const focused = document.activeElement;
  const key = parent.contains(focused) ? focused?.getAttribute("data-testid") : null;
  parent.replaceChildren(...flat(children));
  if (key) /** @type {HTMLElement|null} */ (parent.querySelector(`[data-testid="${CSS.escape(key)}"]`))?.focus({ preventScroll: true });
}

/**
 * @param {Element} element
 * @param {Object<string, any>} props
 */
function apply(element, props) {
  for (const [name, value] of Object.entries(props)) {
    if (value == null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") /** @type {HTMLInputElement} */ (element).value = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** @param {any[]} children */
function flat(children) {
  return children.flat(3).filter((child) => child != null && child !== false && child !== "");
}
