// Perennial for web pages: page views, sessions, clicks on request, nothing lost.
(() => {
  const me = document.currentScript, w = window, d = document;
  // Included twice, it would see everything twice.
  if (w.perennial && !Array.isArray(w.perennial)) return;
  const key = me.dataset.key, url = new URL("v1/batch", me.src).href;
  const SESSION = 18e5, MAX = 500, BYTES = 6e4, held = w.perennial || [];
  // Read anew each time, since other tabs write it too; in memory only where nothing may be stored.
  const memory = {};
  const get = (name, none) => { try { if (!(name in memory)) return JSON.parse(w.localStorage["prn_" + name] ?? "") ?? none } catch {} return memory[name] ?? none };
  const put = (name, value) => { try { w.localStorage["prn_" + name] = JSON.stringify(value); delete memory[name] } catch { memory[name] = value } };
  const id = () => w.crypto && crypto.randomUUID ? crypto.randomUUID() : Date.now().toString(36) + Math.random().toString(36).slice(2);
  let timer, due = 0, notBefore = 0, wait = 1e3, busy = false;

  const session = () => {
    const now = Date.now(), s = get("session", { n: 0, seen: 0 });
    const current = now - s.seen > SESSION ? { id: id(), n: s.n + 1 } : s;
    put("session", { ...current, seen: now });
    return { id: current.id, number: current.n };
  };
  const visitor = () => { if (!get("visitor")) put("visitor", id()); return get("visitor") };
  const call = (type, fields) => {
    const l = location, user = get("user");
    put("queue", [...get("queue", []), {
      type, messageId: id(), anonymousId: visitor(), ...(user && { userId: user }), timestamp: new Date(),
      context: { page: { url: l.href, path: l.pathname, title: d.title, referrer: d.referrer }, locale: navigator.language,
        timezone: Intl.DateTimeFormat().resolvedOptions().timeZone, session: session(), library: { name: "p.js" } },
      ...fields
    }].slice(-MAX));
    soon(200);
  };
  // The earlier of two times holds, so that a busy page sends too; but none is before a server wants to be asked again.
  const soon = (ms) => {
    const at = Math.max(Date.now() + ms, notBefore);
    if (due && due <= at) return;
    clearTimeout(timer); due = at; timer = setTimeout(flush, at - Date.now());
  };
  const weigh = (text) => new Blob([text]).size;
  // At most what a beacon carries; always one, so that a large call cannot stop the rest.
  const portion = () => {
    let size = 0;
    return get("queue", []).filter((c, i) => (size += weigh(JSON.stringify(c)) + 1) < BYTES || !i);
  };
  const body = (batch) => JSON.stringify({ writeKey: key, sentAt: new Date(), batch });
  const done = (batch) => { const sent = new Set(batch.map((c) => c.messageId)); put("queue", get("queue", []).filter((c) => !sent.has(c.messageId))) };
  async function flush() {
    due = 0;
    const batch = portion();
    if (busy || !batch.length) return;
    busy = true;
    let rest = 0;
    try {
      const text = body(batch);
      // As text, so that no browser asks beforehand whether it may.
      const r = await fetch(url, { method: "POST", body: text, headers: { "content-type": "text/plain" }, keepalive: weigh(text) < 64000 });
      // Refused for good: keeping it would block the queue for ever.
      if (r.ok || (r.status < 500 && r.status !== 429 && r.status !== 408)) { done(batch); wait = 1e3 }
      else rest = (+r.headers.get("retry-after") || 0) * 1e3 || wait;
    } catch { rest = wait }
    busy = false;
    if (rest) { wait = Math.min(wait * 2, 3e5); notBefore = Date.now() + rest; clearTimeout(timer); due = 0 }
    if (get("queue", []).length) soon(50);
  }
  const api = {
    track: (event, properties = {}) => call("track", { event, properties }),
    page: (name, properties = {}) => call("page", { name, properties: { ...properties, url: location.href, path: location.pathname, title: d.title, referrer: d.referrer } }),
    // Nobody is no user: those who are not signed in must not become one person.
    identify: (userId, traits = {}) => { if (userId != null && userId !== "") put("user", String(userId)); call("identify", { traits }) },
    reset: () => { put("user", null); put("visitor", null); put("session", null) },
    push: ([name, ...rest]) => api[name]?.(...rest),
    flush
  };
  w.perennial = api;
  // Closing the page: whatever waits goes by beacon. Nobody hears its answer, so it stays in the queue and the
  // next page sends it again; the server knows it by its messageId.
  addEventListener("pagehide", () => { const b = portion(); if (b.length) navigator.sendBeacon(url, body(b)) });
  addEventListener("click", (e) => {
    const el = e.target.closest?.("[data-track]" + ("clicks" in me.dataset ? ",a,button" : ""));
    if (el) api.track(el.dataset.track || "click", { text: el.textContent.trim().slice(0, 80), href: el.href, id: el.id });
  }, true);
  if (!("manual" in me.dataset)) {
    // A fragment is a place on the page, unless it is written as a path.
    const here = () => location.pathname + location.search + (/^#[!/]/.test(location.hash) ? location.hash : "");
    let last; const view = () => { if (here() !== last) { last = here(); api.page() } };
    const push = history.pushState;
    history.pushState = function () { push.apply(this, arguments); view() };
    addEventListener("popstate", view); view();
  }
  held.forEach(api.push);
  soon(0);
})();
