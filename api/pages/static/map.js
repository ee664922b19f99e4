/* Zoom and move the actor map. Everything in it also stands in the table. */
(() => {
  "use strict";
  const map = document.getElementById("kart"), zoom = document.getElementById("zoom");
  if (!map || !zoom) return;
  zoom.hidden = false;
  const whole = map.viewBox.baseVal, [width, height] = [whole.width, whole.height];
  let box = { x: 0, y: 0, width, height };
  const show = () => map.setAttribute("viewBox", [box.x, box.y, box.width, box.height].map(Math.round).join(" "));
  const scale = (factor, x = box.x + box.width / 2, y = box.y + box.height / 2) => {
    const to = Math.min(Math.max(box.width * factor, width / 8), width) / box.width;
    box = { x: x - (x - box.x) * to, y: y - (y - box.y) * to, width: box.width * to, height: box.height * to };
    keep();
  };
  const keep = () => {
    box.x = Math.min(Math.max(box.x, 0), width - box.width);
    box.y = Math.min(Math.max(box.y, 0), height - box.height);
    show();
  };
  zoom.addEventListener("click", (event) => {
    const factor = Number(event.target.dataset.zoom);
    if (factor) scale(factor);
    else if (event.target.dataset.zoom) { box = { x: 0, y: 0, width, height }; show(); }
  });
  const at = (event) => { const p = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse()); return [p.x, p.y]; };
  map.addEventListener("wheel", (event) => { if (event.ctrlKey) { event.preventDefault(); scale(event.deltaY > 0 ? 1.15 : 0.87, ...at(event)); } }, { passive: false });
  let from = null, moved = false;
  map.addEventListener("pointerdown", (event) => { from = at(event); moved = false; });
  addEventListener("pointermove", (event) => {
    if (!from) return;
    const [x, y] = at(event);
    if (Math.abs(x - from[0]) + Math.abs(y - from[1]) > 4) moved = true;
    if (moved) { box.x += from[0] - x; box.y += from[1] - y; keep(); }
  });
  addEventListener("pointerup", () => { from = null; });
  map.addEventListener("click", (event) => { if (moved) event.preventDefault(); }, true);
  map.addEventListener("dragstart", (event) => event.preventDefault());
  // A box that is reached by keyboard is brought into view.
  map.addEventListener("focusin", (event) => {
    const { x, y, width: w, height: h } = event.target.getBBox();
    if (x < box.x || y < box.y || x + w > box.x + box.width || y + h > box.y + box.height) { box.x = x + w / 2 - box.width / 2; box.y = y + h / 2 - box.height / 2; keep(); }
  });
})();
