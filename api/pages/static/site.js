/* Every page: leave fast, and leave nothing behind. The exit is a plain link without this. */
(() => {
  "use strict";
  const exit = document.getElementById("forlat");
  if (!exit) return;
  const status = document.body.appendChild(document.createElement("p"));
  status.className = "sr";
  status.setAttribute("role", "status");

  const leave = () => {
    const cover = document.createElement("div");
    Object.assign(cover.style, { position: "fixed", inset: "0", background: "#fff", zIndex: "2147483647" });
    cover.dataset.veiviserCover = "";
    document.documentElement.append(cover);
    document.dispatchEvent(new CustomEvent("veiviser:exit"));
    location.replace(exit.href);
  };
  exit.addEventListener("click", (event) => { event.preventDefault(); leave(); });

  let shifts = 0, last = 0, modified = false;
  document.addEventListener("keyup", (event) => {
    if (event.key !== "Shift") shifts = 0;
    else if (!modified) {
      shifts = event.timeStamp - last < 3000 ? shifts + 1 : 1;
      last = event.timeStamp;
      if (shifts > 2) leave(); else status.textContent = shifts === 1 ? exit.dataset.shift2 : exit.dataset.shift1;
    }
    modified = event.shiftKey && event.key !== "Shift";
  }, true);

  // Back or forward to this page: as new. Results that came from a form are not shown again.
  addEventListener("pageshow", (event) => {
    document.querySelectorAll("[data-veiviser-cover]").forEach((cover) => cover.remove());
    if (event.persisted || performance.getEntriesByType("navigation")[0]?.type === "back_forward") {
      document.querySelectorAll("form").forEach((form) => form.reset());
      if (document.body.dataset.answer !== undefined) location.replace(location.href);
    }
  });
  // A search shows its results in place: no entry in the history that would have to be sent again.
  let swapped = false;
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.dataset.swap === undefined) return;
    event.preventDefault();
    try {
      const body = new URLSearchParams(new FormData(form));
      const answer = await fetch(form.action, { method: "POST", body, credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer" });
      const next = new DOMParser().parseFromString(await answer.text(), "text/html");
      const main = document.adoptNode(next.querySelector("main"));
      if (location.href !== form.action) history.pushState(null, "", form.action);
      document.title = next.title;
      document.querySelector("main").replaceWith(main);
      swapped = true;
      scrollTo(0, 0);
      main.focus();
    } catch { form.submit(); }
  });
  addEventListener("popstate", () => { if (swapped) location.reload(); });

  const print = document.getElementById("skriv-ut");
  if (print) { print.hidden = false; print.addEventListener("click", () => window.print()); }
})();
