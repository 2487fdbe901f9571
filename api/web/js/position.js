import { Problem } from "./api.js";

const PATIENCE_MS = 15_000;

/**
 * Where this device says it is, with the radius it is sure of at 95 %.
 *
 * @returns {Promise<{lngLat: [number, number], accuracy_m: number}>}
 * @throws {Problem} position-denied, position-insecure, position-unavailable
 */
export function position() {
  if (!window.isSecureContext) return Promise.reject(new Problem("position-insecure"));
  if (!navigator.geolocation) return Promise.reject(new Problem("position-unavailable"));
  return new Promise((resolve, reject) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({
        lngLat: [coords.longitude, coords.latitude],
        accuracy_m: Math.max(1, Math.round(coords.accuracy)),
      }),
      ({ code }) => reject(new Problem(code === 1 ? "position-denied" : "position-unavailable")),
      { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 0 },
    );
  });
}
