"use strict";
// The page as it would be now, put in place part by part: what is open, typed, chosen and in view stays.
(() => {
  const EVERY = 2000, parts = () => document.querySelectorAll("main > section[id]");
  const served = new Map(), away = document.getElementById("away"), find = document.getElementById("find");
  let mark = document.body.dataset.mark, since = null, turn = 0, typing = 0;
  for (const part of parts()) served.set(part.id, part.outerHTML);

  function ages() {
    for (const time of document.querySelectorAll("time[data-at]")) {
      const at = Number(time.dataset.at), age = Math.max(0, Math.round(Date.now() / 1000 - at));
      const [size, name] = age < 90 ? [1, "s"] : age < 5400 ? [60, "min"] : age < 172800 ? [3600, "h"] : [86400, "days"];
      time.title = new Date(at * 1000).toLocaleString();
      const behind = time.nextElementSibling;
      if (behind && behind.classList.contains("ago")) behind.textContent = ` (${Math.round(age / size)} ${name} ago)`;
    }
  }

  function anchor() {
    for (const one of document.querySelectorAll("main [id]")) {
      const place = one.getBoundingClientRect();
      if (place.top >= 0 && place.height && !one.closest("svg")) return [one.id, place.top];
    }
    return ["", 0];
  }

  function isChosen(part) {
    const chosen = getSelection();
    return !chosen.isCollapsed && part.contains(chosen.anchorNode);
  }

  function put(before, after, html) {
    for (const one of before.querySelectorAll("details[id]")) {
      const other = after.querySelector(`#${CSS.escape(one.id)}`);
      if (other) other.open = one.open;
    }
    const held = before.contains(document.activeElement) ? document.activeElement.closest("[id]") : null;
    const left = [...before.querySelectorAll(".wide")].map((one) => one.scrollLeft);
    before.replaceWith(document.adoptNode(after));
    after.querySelectorAll(".wide").forEach((one, at) => { one.scrollLeft = left[at] || 0; });
    const again = held && document.getElementById(held.id);
    if (again) (again.querySelector("summary, a") || again).focus({ preventScroll: true });
    served.set(after.id, html);
  }

  function show(text) {
    const next = new DOMParser().parseFromString(text, "text/html"), [held, top] = anchor();
    let whole = true;
    for (const after of next.querySelectorAll("main > section[id]")) {
      const before = document.getElementById(after.id), html = after.outerHTML;
      if (served.get(after.id) === html) continue;
      if (isChosen(before)) whole = false;
      else put(before, after, html);
    }
    const again = document.getElementById(held);
    if (again && scrollY > 0) scrollBy(0, again.getBoundingClientRect().top - top);
    document.title = next.title;
    document.querySelector("link[rel=icon]").href = next.querySelector("link[rel=icon]").getAttribute("href");
    mark = whole ? next.body.dataset.mark : "";
  }

  async function look() {
    const mine = ++turn;
    let reply = null;
    try {
      reply = await fetch(location.href.split("#")[0], { headers: { "If-None-Match": mark }, signal: AbortSignal.timeout(9000) });
      const text = reply.status === 200 ? await reply.text() : "";
      if (mine !== turn) return;
      if (text) show(text);
    } catch { reply = null; }
    if (mine !== turn) return;
    if (reply && reply.status < 400) since = null;
    else since = since || new Date();
    away.hidden = !since;
    if (since) away.querySelector("b").textContent = since.toLocaleTimeString();
    ages();
  }

  if (find) {
    find.addEventListener("input", () => {
      clearTimeout(typing);
      typing = setTimeout(() => {
        const word = find.elements.q.value;
        history.replaceState(null, "", location.pathname + (word ? `?q=${encodeURIComponent(word)}` : ""));
        mark = "";
        look();
      }, 200);
    });
    find.addEventListener("submit", (event) => event.preventDefault());
  }
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  setInterval(() => { if (!document.hidden) look(); }, EVERY);
  ages();
})();
