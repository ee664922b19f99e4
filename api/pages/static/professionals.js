/* The lookup answers while one types; "/" goes to the search box. Without this it is a plain form. */
(() => {
  "use strict";
  const form = document.getElementById("oppslag"), text = document.getElementById("tekst"), hits = document.getElementById("treff");
  if (!form || !hits) return;
  document.getElementById("snarvei").hidden = false;
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) { event.preventDefault(); text.focus(); text.select(); }
  });

  let clock = 0, asked = 0;
  const look = async () => {
    const mine = ++asked;
    const filled = new URLSearchParams(new FormData(form));
    if (text.value.trim().length < 3 && !filled.get("tema") && !filled.get("hast")) return;
    try {
      const answer = await fetch(form.dataset.hits, { method: "POST", body: filled, credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer" });
      if (!answer.ok || mine !== asked) return;
      hits.innerHTML = await answer.text();
      document.getElementById("start").hidden = true;
      document.body.dataset.answer = "";
    } catch { /* the button still works */ }
  };
  const soon = () => { clearTimeout(clock); clock = setTimeout(look, 350); };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  // The examples fill the box, so that they can be changed.
  document.getElementById("start").addEventListener("submit", (event) => { event.preventDefault(); text.value = event.submitter.value; look(); text.focus(); });
  form.addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(clock); look().then(() => { if (!hits.textContent.trim()) form.submit(); }); });
})();
