// Playback speed, and a playhead on the waveform. Everything else works without scripts.
const player = document.getElementById("player");
const wave = document.querySelector(".wave");

if (player && wave) {
  const head = document.getElementById("playhead");
  const rate = document.getElementById("rate");
  const columns = wave.viewBox.baseVal.width;
  const steps = [0.5, 0.75, 1, 1.25, 1.5, 2];
  let step = steps.indexOf(1);

  const change = (by) => {
    step = Math.min(steps.length - 1, Math.max(0, step + by));
    player.playbackRate = steps[step];
    rate.textContent = `${steps[step]}×`;
  };
  document.getElementById("slower").addEventListener("click", () => change(-1));
  document.getElementById("faster").addEventListener("click", () => change(1));
  document.getElementById("speed").hidden = false;

  const follow = () => {
    const x = player.duration ? (player.currentTime / player.duration) * columns : 0;
    head.setAttribute("x1", x);
    head.setAttribute("x2", x);
    if (!player.paused) requestAnimationFrame(follow);
  };
  for (const name of ["play", "seeked", "pause"]) player.addEventListener(name, follow);
  wave.addEventListener("click", (event) => {
    const box = wave.getBoundingClientRect();
    if (player.duration) player.currentTime = ((event.clientX - box.left) / box.width) * player.duration;
  });
}
