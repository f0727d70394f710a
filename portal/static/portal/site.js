/**
 * What every page does beyond its text, and none needs in order to be read: counts down by the
 * platform's clock, looks again for what may have changed, and sends a form once.
 *
 *   [data-until=ISO]     counts down to it; at zero the page looks again
 *   [data-live=SECONDS]  an element with an id that is fetched again every so often, and less often
 *                        while the platform is away, which #stale says, or the page is out of sight
 *   form[data-once]      its button rests while it is sent
 *   [data-focus]         takes the focus when the page opens: why a form came back
 */

const TIME = "/api/v1/time";
const RESYNC = 5 * 60 * 1000;
const SLOWEST = 60;
const english = document.documentElement.lang === "en";

/** The platform's time by what it said last and this machine's steady clock since. */
class PlatformClock {
  #at = Date.parse(document.body.dataset.now ?? "") || Date.now();
  #since = performance.now();

  now() {
    return this.#at + performance.now() - this.#since;
  }

  /** Ask again: a machine that slept has a steady clock that slept too. */
  async sync() {
    const began = performance.now();
    const answer = await fetch(TIME, { cache: "no-store", credentials: "omit" }).catch(() => null);
    if (!answer?.ok) return;
    const { now } = await answer.json();
    const ended = performance.now();
    this.#at = Date.parse(now) + (ended - began) / 2;
    this.#since = ended;
  }
}

export const clock = new PlatformClock();

/** @param {number} seconds left, at least 0 */
export function left(seconds) {
  const [days, hours] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24];
  const [minutes, rest] = [Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  if (days) return english ? `${days} d ${hours} h` : `${days} 天 ${hours} 小时`;
  const two = (count) => String(count).padStart(2, "0");
  return `${two(hours)}:${two(minutes)}:${two(rest)}`;
}

function countDown() {
  let ended = false;
  for (const place of document.querySelectorAll("[data-until]")) {
    const seconds = Math.max(0, (Date.parse(place.dataset.until) - clock.now()) / 1000);
    const rest = left(seconds);
    const words = seconds === 0 ? (english ? "time is up" : "时间已到") : english ? `${rest} left` : `剩余 ${rest}`;
    if (place.textContent !== words) place.textContent = words;
    place.classList.toggle("soon", seconds > 0 && seconds < 3600);
    place.classList.toggle("over", seconds === 0);
    if (seconds === 0 && !place.dataset.ended) {
      place.dataset.ended = "1";
      ended = true;
    }
  }
  if (ended) setTimeout(() => look(true), 1200);
}

/** Fetch this page once more; XMLHttpRequest gives a document in which nothing runs. */
function again() {
  return new Promise((done) => {
    const asked = new XMLHttpRequest();
    asked.open("GET", location.href);
    asked.responseType = "document";
    asked.timeout = 15000;
    asked.onload = () => done(asked.status === 200 ? asked.responseXML : null);
    asked.onerror = asked.ontimeout = () => done(null);
    asked.send();
  });
}

let pause = 0;
let due = 0;
let sent = -Infinity;
/** A form is under way: nothing may take its answer's place, until it came or was a file to keep. */
const leaving = () => performance.now() - sent < 30_000;

/** Look again at what is live here; leaves alone where somebody types. @param {boolean} [now] */
async function look(now = false) {
  const places = [...document.querySelectorAll("[data-live][id]")];
  if (!places.length || leaving() || (!now && (document.hidden || performance.now() < due))) return;
  const every = Math.min(...places.map((place) => Number(place.dataset.live) || 10));
  due = performance.now() + SLOWEST * 1000;
  const page = await again();
  if (leaving()) return;
  pause = page ? every : Math.min(SLOWEST, Math.max(every, pause * 2));
  due = performance.now() + pause * 1000;
  document.getElementById("stale").hidden = page !== null;
  for (const place of page ? places : []) {
    const fresh = page.getElementById(place.id);
    if (!fresh || fresh.innerHTML === place.innerHTML || place.contains(document.activeElement)) continue;
    place.replaceWith(document.adoptNode(fresh));
    document.dispatchEvent(new CustomEvent("looked", { detail: { id: place.id } }));
  }
}

for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", () => setTimeout(() => {
    for (const button of form.querySelectorAll("button")) button.disabled = true;
  }));
}
addEventListener("submit", (event) => { if (!event.defaultPrevented) sent = performance.now(); });
addEventListener("pageshow", () => {
  sent = -Infinity;
  for (const button of document.querySelectorAll("form[data-once] button")) button.disabled = false;
});
document.querySelector("[data-focus]")?.focus();
for (const here of document.querySelectorAll("nav [aria-current]")) {
  const line = here.parentElement; // moved sideways where the window is narrow
  line.scrollLeft = here.offsetLeft - line.offsetLeft - (line.clientWidth - here.offsetWidth) / 2;
}
document.addEventListener("visibilitychange", async () => {
  if (document.hidden) return;
  await clock.sync();
  look(true);
});
if (document.querySelector("[data-until], [data-live]")) {
  clock.sync();
  setInterval(() => clock.sync(), RESYNC);
  setInterval(() => { countDown(); look(); }, 500);
}
