// Adds to pages that work without it: keys, speed, zoom, regions, differences, and drafts that are kept as one types.
const at = (id) => document.getElementById(id);
const player = at("player");
const wave = document.querySelector(".wave");
const form = at("form");
const typing = (element) => element.matches("textarea, select, input:not([type=radio], [type=checkbox])");

// Keys: every control says its own in data-key.
document.addEventListener("keydown", (event) => {
  if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.querySelector("[value=next]").click();
    return;
  }
  if (event.key === "Escape" && typing(event.target)) event.target.blur();
  if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === " " && player && !event.target.matches("button, a, summary")) {
    event.preventDefault();
    if (player.paused) player.play();
    else player.pause();
    return;
  }
  const control = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!control || control.disabled) return;
  event.preventDefault();
  if (control.matches("textarea")) {
    control.focus();
    control.setSelectionRange(control.value.length, control.value.length); // browsers begin before the text
  } else control.click();
});

if (at("sheet") && at("help")) {
  for (const control of document.querySelectorAll("[data-key]")) {
    const key = document.createElement("kbd");
    key.textContent = control.dataset.key;
    const [dt, dd] = [document.createElement("dt"), document.createElement("dd")];
    dt.append(key);
    const said = control.matches("textarea") ? "Type what you hear" : (control.closest("label") ?? control).textContent;
    dd.textContent = said.replace(/\s\S+\s*$/, "").trim() || said.trim();
    if (control.matches("textarea")) dd.textContent = said;
    at("sheet-list").append(dt, dd);
  }
  at("help").hidden = false;
  at("help").addEventListener("click", () => at("sheet").showModal());
}

if (player && wave) {
  const head = at("playhead");
  const columns = wave.viewBox.baseVal.width;
  const steps = [0.5, 0.75, 1, 1.25, 1.5, 2];
  let step = steps.indexOf(1);
  let zoom = 1;

  const change = (by) => {
    step = Math.min(steps.length - 1, Math.max(0, step + by));
    player.playbackRate = steps[step];
    at("rate").textContent = `${steps[step]}×`;
  };
  const scale = (to) => {
    zoom = Math.min(16, Math.max(1, to));
    at("stage").style.width = `${zoom * 100}%`;
    keepInView();
  };
  const keepInView = () => {
    const x = (head.x1.baseVal.value / columns) * at("stage").offsetWidth;
    if (zoom > 1) at("scroll").scrollLeft = x - at("scroll").offsetWidth / 2;
  };
  const follow = () => {
    const x = player.duration ? (player.currentTime / player.duration) * columns : 0;
    head.setAttribute("x1", x);
    head.setAttribute("x2", x);
    keepInView();
    if (!player.paused) requestAnimationFrame(follow);
  };
  at("slower").addEventListener("click", () => change(-1));
  at("faster").addEventListener("click", () => change(1));
  at("closer").addEventListener("click", () => scale(zoom * 2));
  at("wider").addEventListener("click", () => scale(1));
  at("back").addEventListener("click", () => { player.currentTime = Math.max(0, player.currentTime - 2); player.play(); });
  at("show-spectrogram").addEventListener("click", (event) => {
    const picture = at("spectrogram");
    picture.src ||= picture.dataset.src;
    picture.hidden = !picture.hidden;
    event.currentTarget.setAttribute("aria-pressed", String(!picture.hidden));
  });
  at("speed").hidden = false;
  for (const name of ["play", "seeked", "pause"]) player.addEventListener(name, follow);
  at("stage").addEventListener("click", (event) => {
    const box = wave.getBoundingClientRect();
    if (player.duration) player.currentTime = ((event.clientX - box.left) / box.width) * player.duration;
  });
  if (at("speaking")) regions(columns, Number(player.dataset.durationMs));
  if (form?.dataset.mustPlay !== undefined) playFirst();
}

function playFirst() {
  const buttons = form.querySelectorAll("button[name=then]");
  const allow = (is) => { for (const button of buttons) button.disabled = !is; at("play-first").hidden = is; };
  allow(false);
  player.addEventListener("ended", () => allow(true));
  player.addEventListener("timeupdate", () => { if (played() > 0.95 * player.duration) allow(true); });
}

// Seconds of the clip that were played so far, each once.
function played() {
  let sum = 0;
  for (let i = 0; i < player.played.length; i++) sum += player.played.end(i) - player.played.start(i);
  return sum;
}

// The words of the transcript: one stop of the tab key, arrows between them, a click or Enter plays on from one.
function followWords() {
  const words = [...document.querySelectorAll("#automatic .word")].map((span) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "word";
    button.tabIndex = -1;
    button.append(...span.childNodes);
    span.replaceWith(button);
    return { button, start: Number(span.dataset.start), end: Number(span.dataset.end) };
  });
  if (!words.length) return;
  const from = (index) => {
    player.currentTime = words[index].start;
    player.play();
  };
  const step = (by) => {
    const now = words.findLastIndex((word) => word.start <= player.currentTime + 0.05);
    from(Math.min(words.length - 1, Math.max(0, now + by)));
  };
  words.forEach(({ button }, index) => {
    button.addEventListener("click", () => from(index));
    button.addEventListener("focus", () => words.forEach((each) => { each.button.tabIndex = each.button === button ? 0 : -1; }));
    button.addEventListener("keydown", (event) => {
      const to = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: words.length - 1 }[event.key];
      if (words[to] === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      words[to].button.focus();
    });
  });
  words[0].button.tabIndex = 0;
  const show = () => {
    for (const { button, start, end } of words) {
      if (start <= player.currentTime && player.currentTime < end) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
    if (!player.paused) requestAnimationFrame(show);
  };
  for (const name of ["play", "seeked", "pause"]) player.addEventListener(name, show);
  if (at("word-by-word")) {
    at("word-by-word").hidden = false;
    at("word-back").addEventListener("click", () => step(-1));
    at("word-on").addEventListener("click", () => step(1));
  }
}
if (player) followWords();

function regions(columns, durationMs) {
  let known = JSON.parse(at("speakers").value || "[]");
  let from = null;
  const draw = () => {
    at("speakers").value = JSON.stringify(known);
    at("regions").replaceChildren(...known.map((each) => {
      const box = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      box.setAttribute("x", (each.start_ms / durationMs) * columns);
      box.setAttribute("width", ((each.end_ms - each.start_ms) / durationMs) * columns);
      box.setAttribute("height", 100);
      box.setAttribute("class", each.who);
      return box;
    }));
    at("region-list").replaceChildren(...known.map((each, number) => {
      const line = document.createElement("li");
      const remove = document.createElement("button");
      remove.type = "button";
      remove.className = "plain";
      remove.textContent = "Remove";
      remove.addEventListener("click", () => { known.splice(number, 1); draw(); changed(); });
      line.append(`${each.who}: ${(each.start_ms / 1000).toFixed(1)} to ${(each.end_ms / 1000).toFixed(1)} s `, remove);
      return line;
    }));
  };
  at("region-start").addEventListener("click", () => { from = Math.round(player.currentTime * 1000); });
  at("region-end").addEventListener("click", () => {
    const to = Math.round(player.currentTime * 1000);
    if (to <= (from ?? 0)) return;
    known = [...known, { start_ms: from ?? 0, end_ms: to, who: at("who").value }];
    from = to;
    draw();
    changed();
  });
  at("speaking").hidden = false;
  draw();
}

// What is typed is kept on the server, a second after the last key.
let timer = 0;
function changed() {
  if (!form?.dataset.draft) return;
  clearTimeout(timer);
  timer = setTimeout(keep, 1000);
}
async function keep() {
  const body = new URLSearchParams(new FormData(form));
  try {
    const answer = await fetch(form.dataset.draft, { method: "POST", body, keepalive: true });
    at("kept").textContent = answer.ok ? "Draft kept." : "This draft could not be kept: sign in again in another tab.";
  } catch {
    at("kept").textContent = "No connection: this draft is not kept yet.";
    changed();
  }
}

if (form) {
  form.addEventListener("input", changed);
  addEventListener("pagehide", () => { if (timer) { clearTimeout(timer); keep(); } });
  form.addEventListener("submit", () => { clearTimeout(timer); timer = 0; });
  const automatic = at("automatic")?.dataset.text;
  if (automatic !== undefined) {
    const show = () => { at("difference").replaceChildren(...difference(automatic, at("words").value)); at("difference").hidden = automatic === at("words").value; };
    at("words").addEventListener("input", show);
    show();
  }
}

// Word by word, by the longest common subsequence.
function difference(before, after) {
  const [a, b] = [before, after].map((text) => text.split(/\s+/).filter(Boolean));
  const length = Array.from({ length: a.length + 1 }, () => new Array(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      length[i][j] = a[i] === b[j] ? length[i + 1][j + 1] + 1 : Math.max(length[i + 1][j], length[i][j + 1]);
  const parts = [];
  const add = (name, text) => { const part = document.createElement(name); part.textContent = text; parts.push(part, " "); };
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) { add("span", a[i++]); j++; }
    else if (i < a.length && (j === b.length || length[i + 1][j] >= length[i][j + 1])) add("del", a[i++]);
    else add("ins", b[j++]);
  }
  return parts;
}

// An invitation's word stands behind #, which no server sees; it leaves the address bar and the history as well.
if (at("join") && location.hash.length > 1) {
  at("word").value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
}
