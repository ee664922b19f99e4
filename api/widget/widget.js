/* Veiviser – chat widget. One file, no dependency, no build step. Options and theming: docs/widget.md. Apache-2.0. */
(() => {
  "use strict";
  const TAG = "veiviser-chat", LANGUAGES = ["nb", "nn", "en"], EXIT_URL = "https://www.yr.no/", TIMEOUT_MS = 15000;
  const script = document.currentScript;
  if (!window.customElements || !Element.prototype.attachShadow) return;
  const HOME = (() => { try { return new URL(script.src).origin; } catch { return location.origin; } })();

  // Every sentence: bokmål, nynorsk, English. Each can be replaced: text-send="…" on the element, data-text-send="…" on the script.
  const WORDS = {
    title: ["Veiviser", "Vegvisar", "Veiviser"],
    launch: ["Spør Veiviser", "Spør Vegvisar", "Ask Veiviser"],
    close: ["Lukk", "Lukk", "Close"],
    exit: ["Forlat siden", "Gå ut av sida", "Leave this page"],
    exitHint: ["Forlat siden raskt. Du kan også trykke Shift tre ganger.", "Gå raskt ut av sida. Du kan òg trykkje Shift tre gonger.", "Leave this page fast. You can also press Shift three times."],
    danger: ["Fare nå? Ring", "Fare no? Ring", "Danger now? Call"],
    numbers: ["Flere nummer", "Fleire nummer", "More numbers"],
    safe: ["Kan noen se på telefonen din?", "Kan nokon sjå på telefonen din?", "Can someone look at your phone?"],
    safeLink: ["Les om trygg bruk", "Les om trygg bruk", "Read how to use this safely"],
    log: ["Samtalen", "Samtalen", "The conversation"],
    label: ["Skriv her", "Skriv her", "Write here"],
    hint: ["Skriv med dine egne ord", "Skriv med dine eigne ord", "Use your own words"],
    send: ["Send", "Send", "Send"],
    hello: ["Hei. Skriv hva som skjer, med dine egne ord. Du trenger ikke si hvem du er, og det er du som bestemmer hva du gjør videre.", "Hei. Skriv kva som skjer, med dine eigne ord. Du treng ikkje seie kven du er, og det er du som bestemmer kva du gjer vidare.", "Hi. Write what is going on, in your own words. You do not have to say who you are, and you decide what to do next."],
    start1: ["Det er fare nå", "Det er fare no", "There is danger now"],
    start2: ["Jeg er redd for en reise", "Eg er redd for ei reise", "I am afraid of a journey"],
    start3: ["Jeg er urolig for noen", "Eg er uroleg for nokon", "I am worried about someone"],
    start4: ["Jeg vil snakke med et menneske", "Eg vil snakke med eit menneske", "I want to talk to a person"],
    start5: ["Noen sjekker telefonen min", "Nokon sjekkar telefonen min", "Someone checks my phone"],
    you: ["Du skrev", "Du skreiv", "You wrote"],
    me: ["Svar", "Svar", "Answer"],
    typing: ["Leter etter hjelp …", "Leitar etter hjelp …", "Looking for help …"],
    unsent: ["Ikke sendt.", "Ikkje sendt.", "Not sent."],
    retry: ["Prøv igjen", "Prøv igjen", "Try again"],
    down: ["Jeg får ikke svar akkurat nå. Det du skrev, står her fortsatt. Trenger du noen med en gang, kan du ringe:", "Eg får ikkje svar akkurat no. Det du skreiv, står her framleis. Treng du nokon med ein gong, kan du ringje:", "I cannot get an answer right now. What you wrote is still here. If you need someone straight away, you can call:"],
    busy: ["Mange skriver akkurat nå. Vent litt og prøv igjen.", "Mange skriv akkurat no. Vent litt og prøv igjen.", "Many people are writing right now. Wait a little and try again."],
    wrong: ["Dette kunne ikke sendes. Prøv å skrive det kortere.", "Dette kunne ikkje sendast. Prøv å skrive det kortare.", "This could not be sent. Try to write it shorter."],
    more: ["Vis mer", "Vis meir", "Show more"],
    moreHelp: ["Vis flere", "Vis fleire", "Show more help"],
    why: ["Derfor viser jeg den", "Difor viser eg henne", "Why I show this"],
    openNow: ["Åpent nå", "Ope no", "Open now"],
    until: ["til", "til", "until"],
    closed: ["Stengt nå", "Stengt no", "Closed now"],
    opens: ["åpner", "opnar", "opens"],
    openUnknown: ["Åpningstid ikke kjent", "Opningstid ikkje kjend", "Opening hours not known"],
    whatHappens: ["Hva skjer når jeg tar kontakt?", "Kva skjer når eg tek kontakt?", "What happens when I make contact?"],
    traces: ["Pris, anonymitet og spor", "Pris, anonymitet og spor", "Cost, anonymity and traces"],
    checkFirst: ["Opplysningen er gammel. Sjekk den først.", "Opplysninga er gammal. Sjekk henne først.", "This is old information. Check it first."],
    notKnown: ["Vi vet ikke", "Vi veit ikkje", "We do not know"],
    free: ["Gratis|Kan koste noe|om det koster noe", "Gratis|Kan koste noko|om det kostar noko", "Free|May cost something|whether it costs anything"],
    anonymous: ["Du kan være anonym|Du må si hvem du er|om du kan være anonym", "Du kan vere anonym|Du må seie kven du er|om du kan vere anonym", "You can be anonymous|You have to say who you are|whether you can be anonymous"],
    on_bill: ["Kan synes på regning eller anropslogg|Synes ikke på regning eller anropslogg|om det synes på regning eller anropslogg", "Kan visast på rekning eller anropslogg|Blir ikkje vist på rekning eller anropslogg|om det blir vist på rekning eller anropslogg", "May show on the bill or call log|Does not show on the bill or call log|whether it shows on the bill or call log"],
    needs_bankid: ["Krever BankID|Krever ikke BankID|om det krever BankID", "Krev BankID|Krev ikkje BankID|om det krev BankID", "Needs BankID|Does not need BankID|whether it needs BankID"],
    parents_told: ["Foreldre får vite det|Foreldre får ikke vite det|om foreldre får vite det", "Foreldre får vite det|Foreldre får ikkje vite det|om foreldre får vite det", "Parents are told|Parents are not told|whether parents are told"],
    from_abroad: ["Virker fra utlandet|Virker ikke fra utlandet|om det virker fra utlandet", "Verkar frå utlandet|Verkar ikkje frå utlandet|om det verkar frå utlandet", "Works from abroad|Does not work from abroad|whether it works from abroad"],
    all: ["Alt vi vet", "Alt vi veit", "Everything we know"],
    newTab: ["åpnes i ny fane", "opnast i ny fane", "opens in a new tab"],
    source: ["Kilde", "Kjelde", "Source"],
    checked: ["kontrollert", "kontrollert", "checked"],
    canDo: ["Dette kan du gjøre", "Dette kan du gjere", "What you can do"],
    law: ["Loven sier", "Lova seier", "The law says"],
    measure: ["Tiltak", "Tiltak", "Measure"],
    ongoing: ["Pågår", "Pågår", "Ongoing"],
    completed: ["Ferdig", "Ferdig", "Completed"],
    unknown: ["Status ikke kjent", "Status ikkje kjend", "Status not known"],
    later: ["Kjent senere", "Kjent seinare", "Known later"],
    forget: ["Slett samtalen", "Slett samtalen", "Delete this conversation"],
    forgotten: ["Samtalen er slettet, både her og hos oss.", "Samtalen er sletta, både her og hos oss.", "The conversation is deleted, both here and with us."],
    smaller: ["Mindre tekst", "Mindre tekst", "Smaller text"],
    larger: ["Større tekst", "Større tekst", "Larger text"],
    language: ["Språk", "Språk", "Language"],
    robot: ["Svarene lages av et program ut fra kvalitetssikrede opplysninger.", "Svara blir laga av eit program ut frå kvalitetssikra opplysningar.", "The answers come from a program that uses checked information."],
    shift2: ["Trykk Shift to ganger til for å forlate siden.", "Trykk Shift to gonger til for å gå ut av sida.", "Press Shift two more times to leave this page."],
    shift1: ["Trykk Shift én gang til for å forlate siden.", "Trykk Shift éin gong til for å gå ut av sida.", "Press Shift once more to leave this page."],
  };
  // The numbers that must be here also when the server is not. A test holds them to the service entries.
  const NUMBERS = [
    ["112", ["Politi, ved fare nå", "Politi, ved fare no", "Police, danger now"]],
    ["113", ["Ambulanse, fare for liv", "Ambulanse, fare for liv", "Ambulance, life in danger"]],
    ["116 111", ["Alarmtelefonen for barn og unge", "Alarmtelefonen for barn og unge", "Children and young people"]],
    ["116 006", ["VO-linjen, vold i nære relasjoner", "VO-linja, vald i nære relasjonar", "Violence in close relationships"]],
    ["+47 23 95 00 00", ["Du er i utlandet: Utenriksdepartementet", "Du er i utlandet: Utanriksdepartementet", "You are abroad: the Foreign Ministry"]],
  ];
  const DAYS = ["søndag mandag tirsdag onsdag torsdag fredag lørdag", "sundag måndag tysdag onsdag torsdag fredag laurdag", "Sunday Monday Tuesday Wednesday Thursday Friday Saturday"].map((d) => d.split(" "));
  const TRACES = ["free", "anonymous", "on_bill", "needs_bankid", "parents_told", "from_abroad"];
  const ICONS = { phone: "M6.6 10.8a15 15 0 0 0 6.6 6.6l2.2-2.2a1 1 0 0 1 1-.25 11.4 11.4 0 0 0 3.6.57 1 1 0 0 1 1 1V20a1 1 0 0 1-1 1A17 17 0 0 1 3 4a1 1 0 0 1 1-1h3.5a1 1 0 0 1 1 1c0 1.25.2 2.45.57 3.57a1 1 0 0 1-.25 1z", chat: "M4 4h16a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H9l-5 4v-4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z", email: "M3 5h18a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zm9 8.2 8-5.2H4z", exit: "M10 3h10v18H10v-2h8V5h-8zM7.4 8 6 9.4 7.6 11H2v2h5.600L6 14.600 7.400 16l4-4z" };

  const DARK = `--bg:var(--ds-color-neutral-background-default,#141b1d);--card:var(--ds-color-neutral-surface-default,#1d2629);--tint:var(--ds-color-accent-surface-tinted,#1c3437);--text:var(--ds-color-neutral-text-default,#eef3f3);--dim:var(--ds-color-neutral-text-subtle,#b6c3c6);--line:var(--ds-color-neutral-border-subtle,#3a474b);--edge:var(--ds-color-neutral-border-default,#87959a);--accent:var(--veiviser-accent,var(--ds-color-accent-base-default,#7fd1ce));--on:var(--veiviser-on-accent,var(--ds-color-accent-base-contrast-default,#08211f));--link:var(--veiviser-link,var(--ds-color-accent-text-subtle,#8fdad7));--red:var(--ds-color-danger-text-subtle,#ffc4be);--redbg:var(--ds-color-danger-surface-default,#3d1f1f);--redline:var(--ds-color-danger-border-default,#c9807a);--green:var(--ds-color-success-text-subtle,#98dbae);color-scheme:dark`;
  const CSS = `:host{display:block;height:var(--veiviser-height,min(46rem,88vh));font:400 1rem/1.5 var(--veiviser-font,Inter,system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif);
--bg:var(--ds-color-neutral-background-default,#fff);--card:var(--ds-color-neutral-surface-default,#fff);--tint:var(--ds-color-accent-surface-tinted,#e4f0ef);--text:var(--ds-color-neutral-text-default,#1b2427);--dim:var(--ds-color-neutral-text-subtle,#4b585c);--line:var(--ds-color-neutral-border-subtle,#d3d9da);--edge:var(--ds-color-neutral-border-default,#66757a);--accent:var(--veiviser-accent,var(--ds-color-accent-base-default,#0b5a61));--on:var(--veiviser-on-accent,var(--ds-color-accent-base-contrast-default,#fff));--link:var(--veiviser-link,var(--ds-color-accent-text-subtle,#0a5157));--red:var(--ds-color-danger-text-subtle,#8c1116);--redbg:var(--ds-color-danger-surface-default,#fdeeec);--redline:var(--ds-color-danger-border-default,#c4564f);--green:var(--ds-color-success-text-subtle,#1b6539);--r:var(--veiviser-radius,var(--ds-border-radius-lg,12px));color-scheme:light}
@media (prefers-color-scheme:dark){:host(:not([theme=light])){${DARK}}}:host([theme=dark]){${DARK}}
:host([hidden]){display:none}:host([floating]){position:fixed;inset-block-end:1rem;inset-inline-end:1rem;height:auto;z-index:2147483000}
*{box-sizing:border-box}.v{display:flex;flex-direction:column;height:100%;background:var(--bg);color:var(--text);border:1px solid var(--line);border-radius:var(--r);overflow:hidden;text-align:start;font-size:calc(1em*var(--size,1))}
:host([floating]) .v{width:min(26rem,calc(100vw - 2rem));height:min(42rem,calc(100vh - 2rem));box-shadow:0 8px 40px #0005}
@media (max-width:30rem){:host([floating][open]){inset:0}:host([floating]) .v{width:100vw;height:100vh;height:100dvh;border:0;border-radius:0}}
button,textarea,select{font:inherit;color:inherit}button,.b{cursor:pointer;min-height:2.75em;padding:.5em 1em;border-radius:calc(var(--r)*.66);border:1px solid transparent;display:inline-flex;align-items:center;gap:.5em;font-weight:500;text-decoration:none;text-align:start;line-height:1.25}
.b,.send,.launch{background:var(--accent);color:var(--on)}.b:hover,.send:hover,.launch:hover{filter:brightness(1.12)}.b.two,.ghost{background:transparent;color:var(--link);border-color:currentColor}.b.two:hover,.ghost:hover,.plain:hover{background:var(--tint);filter:none}
.plain{background:none;color:var(--link);padding:.25em .5em;min-height:2em;font-weight:400;text-decoration:underline}.launch{border-radius:2em;box-shadow:0 4px 20px #0004;padding:.75em 1.25em}
:focus-visible{outline:3px solid var(--text);outline-offset:2px;box-shadow:0 0 0 2px var(--bg)}a{color:var(--link)}svg{width:1.15em;height:1.15em;fill:currentColor;flex:none}
header{display:flex;align-items:center;gap:.5em;padding:.5em .5em .5em 1em;border-block-end:1px solid var(--line)}h2{font-size:1.1em;margin:0;flex:1;font-weight:600}
.exit{background:var(--text);color:var(--bg)}.exit:hover{opacity:.85}
.top{padding:.5em 1em;border-block-end:1px solid var(--line);font-size:.925em;display:flex;flex-wrap:wrap;gap:.15em 1.25em;align-items:baseline}.top p{margin:0}.top .tel{color:var(--red);font-weight:600}
.log{flex:1;overflow-y:auto;overscroll-behavior:contain;padding:1em;position:relative;display:flex;flex-direction:column;gap:.75em}
.m{max-width:92%;padding:.65em .9em;border-radius:var(--r);white-space:pre-line;overflow-wrap:anywhere}.m p{margin:0}.bot{background:var(--tint);align-self:flex-start;border-end-start-radius:3px}.me{background:var(--accent);color:var(--on);align-self:flex-end;border-end-end-radius:3px}
.unsent{align-self:flex-end;display:flex;gap:.5em;align-items:center;font-size:.9em;color:var(--red)}.card,.urgent{border:1px solid var(--line);background:var(--card);border-radius:var(--r);padding:1em;overflow-wrap:anywhere;flex:none}
.urgent{background:var(--redbg);border:2px solid var(--redline)}.urgent>p{margin:0 0 .75em;font-weight:600}.urgent .b{background:var(--red);color:var(--redbg)}.urgent .b.two{background:none;color:var(--red)}
h3{font-size:1.06em;line-height:1.3;margin:0 0 .35em;font-weight:600}h4{font-size:.95em;margin:.75em 0 .2em;font-weight:600}.card p{margin:.35em 0}.card ul,.urgent ul{margin:.35em 0;padding-inline-start:1.2em}.dim,small{color:var(--dim);font-size:.9em}
.open{display:inline-flex;gap:.45em;align-items:center;font-size:.9em;font-weight:500;color:var(--dim)}.open::before{content:"";width:.7em;height:.7em;border-radius:50%;border:2px solid currentColor}.open.yes{color:var(--green)}.open.yes::before{background:currentColor}
.ways{display:flex;flex-direction:column;gap:.6em;margin:.75em 0}.ways .b{justify-content:flex-start}.ways small{display:block;margin-block-start:.2em}.urgent small{color:inherit}
details{margin-block-start:.5em}summary{cursor:pointer;color:var(--link);padding:.3em 0;font-weight:500}.choices{display:flex;flex-wrap:wrap;gap:.5em}.choices .ghost{border-radius:2em}
form{display:flex;gap:.5em;padding:.75em;border-block-start:1px solid var(--line);align-items:flex-end}textarea{flex:1;min-width:0;resize:none;min-height:2.75em;max-height:9em;padding:.6em .75em;border:1px solid var(--edge);border-radius:calc(var(--r)*.66);background:var(--bg);line-height:1.4}textarea::placeholder{color:var(--dim);opacity:1}
.foot{display:flex;flex-wrap:wrap;align-items:center;gap:.1em .35em;padding:0 .6em .5em;font-size:.875em;color:var(--dim)}.foot p{margin:0 .4em;flex-basis:100%}.foot select{background:var(--bg);border:1px solid var(--edge);border-radius:6px;padding:.2em;min-height:2em;margin-inline-start:auto}.foot .plain{min-width:2em;justify-content:center}
.wait{display:inline-flex;gap:.3em;align-items:center}.wait i{width:.45em;height:.45em;border-radius:50%;background:currentColor;animation:d 1.2s infinite}.wait i:nth-child(2){animation-delay:.2s}.wait i:nth-child(3){animation-delay:.4s}@keyframes d{50%{opacity:.2}}
@media (prefers-reduced-motion:reduce){*{animation:none!important}}@media (forced-colors:active){.m,.b{border:1px solid}}@media print{.log{overflow:visible}form,.foot{display:none}}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}`;
  let sheet = null;
  const instances = new Set();
  const quietly = (work) => (...args) => { try { return work(...args); } catch { return undefined; } };

  const el = (tag, options = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(options)) {
      if (value === null || value === undefined || value === false) continue;
      if (key === "on") for (const [event, handler] of Object.entries(value)) node.addEventListener(event, quietly(handler));
      else node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
    return node;
  };
  const icon = (name) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), path = document.createElementNS(svg.namespaceURI, "path");
    svg.setAttribute("viewBox", "0 0 24 24"); svg.setAttribute("aria-hidden", "true"); path.setAttribute("d", ICONS[name]); svg.append(path);
    return svg;
  };
  const list = (value) => (Array.isArray(value) ? value : value ? [value] : []);
  const tel = (number) => { const digits = String(number).replace(/[^\d+]/g, ""); return "tel:" + (/^\d{8}$/.test(digits) ? "+47" + digits : digits); };
  const web = (value, base) => { try { const url = new URL(value, base); return /^https?:$/.test(url.protocol) ? url.href : null; } catch { return null; } };

  /** Cover the page at once, let every widget forget, go to a neutral page without leaving this one in the history. */
  const leave = (url) => {
    const cover = document.createElement("div");
    Object.assign(cover.style, { position: "fixed", inset: "0", background: "#fff", zIndex: "2147483647" });
    cover.dataset.veiviserCover = "";
    document.documentElement.append(cover);
    for (const one of instances) one.forget();
    const target = web(url, location.href) || EXIT_URL;
    try { window.top.location.replace(target); } catch { location.replace(target); }
  };
  let shifts = 0, lastShift = 0, modified = false;
  document.addEventListener("keyup", quietly((event) => {
    const own = [...instances].find((one) => one.exits);
    if (!own) return;
    if (event.key !== "Shift") shifts = 0;
    else if (!modified) {
      shifts = event.timeStamp - lastShift < 3000 ? shifts + 1 : 1;
      lastShift = event.timeStamp;
      if (shifts >= 3) { shifts = 0; leave(own.exitUrl); } else own.say(own.t(shifts === 1 ? "shift2" : "shift1"));
    }
    modified = event.shiftKey && event.key !== "Shift";
  }), true);
  document.addEventListener("veiviser:exit", quietly(() => { for (const one of instances) one.forget(); }));
  addEventListener("pagehide", quietly(() => { for (const one of instances) one.forget(); }));
  addEventListener("pageshow", quietly((event) => {
    document.querySelectorAll("[data-veiviser-cover]").forEach((cover) => cover.remove());
    if (event.persisted) for (const one of instances) one.begin();
  }));

  class VeiviserChat extends HTMLElement {
    static get observedAttributes() { return ["language"]; }

    connectedCallback() { quietly(() => { instances.add(this); if (!this.shadowRoot) this.build(); })(); }
    disconnectedCallback() { quietly(() => { this.forget(); instances.delete(this); })(); }
    attributeChangedCallback(name, before, now) { if (this.shadowRoot && before !== now) quietly(() => this.build())(); }

    get language() { const wanted = this.getAttribute("language"); return LANGUAGES.includes(wanted) ? wanted : "nb"; }
    get server() { return (web(this.getAttribute("server") || HOME, HOME) || HOME).replace(/\/+$/, ""); }
    get exitUrl() { return web(this.getAttribute("exit-url") || EXIT_URL, location.href) || EXIT_URL; }
    get exits() { return !this.hasAttribute("no-exit"); }
    t(key, language = this.language) {
      const own = this.getAttribute("text-" + key.replace(/[A-Z_]/g, (c) => "-" + c.replace("_", "").toLowerCase()));
      return own || WORDS[key][Math.max(0, LANGUAGES.indexOf(language))];
    }

    build() {
      const root = this.shadowRoot || this.attachShadow({ mode: "open" });
      if (!sheet) { sheet = new CSSStyleSheet(); sheet.replaceSync(CSS); }
      root.adoptedStyleSheets = [sheet];
      const floating = this.hasAttribute("floating");
      this.status = el("div", { role: "status", class: "sr" });
      this.log = el("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": this.t("log"), tabindex: "0" });
      this.input = el("textarea", { id: "i", rows: "1", maxlength: "2000", placeholder: this.t("hint"), autocomplete: "off", dir: "auto", on: {
        keydown: (e) => { if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); this.submit(); } },
        input: () => { this.input.style.height = "auto"; this.input.style.height = this.input.scrollHeight + 2 + "px"; } } });
      const button = (key, run, cls = "plain", ...rest) => el("button", { type: "button", class: cls, on: { click: run } }, ...(rest.length ? rest : [this.t(key)]));
      const size = (key, text, step) => { const b = button(key, () => this.resize(step), "plain", text); b.setAttribute("aria-label", this.t(key)); return b; };
      const exit = this.exits && button("exit", () => leave(this.exitUrl), "exit", icon("exit"), this.t("exit"));
      if (exit) exit.title = this.t("exitHint");
      const choose = el("select", { "aria-label": this.t("language"), on: { change: () => { this.forget(); this.setAttribute("language", choose.value); } } },
        [["nb", "Bokmål"], ["nn", "Nynorsk"], ["en", "English"]].map(([code, name]) => el("option", { value: code, lang: code, selected: code === this.language }, name)));
      this.panel = el("section", { class: "v", lang: this.language, "aria-label": this.t("title"), role: floating && "dialog", on: { keydown: (e) => { if (floating && e.key === "Escape") this.toggle(false); } } },
        el("header", {}, el("h2", {}, this.getAttribute("heading") || this.t("title")), exit, floating && button("close", () => this.toggle(false))),
        el("div", { class: "top" },
          !this.hasAttribute("no-numbers") && el("p", {}, this.t("danger") + " ", el("a", { href: "tel:112", class: "tel" }, "112")),
          !this.hasAttribute("no-numbers") && el("p", {}, button("numbers", () => { this.show(this.numbers("numbers")); })),
          el("p", {}, this.t("safe") + " ", this.link(this.server + "/trygg?sprak=" + this.language, this.t("safeLink")))),
        this.log, this.status,
        el("form", { on: { submit: (e) => { e.preventDefault(); this.submit(); } } }, el("label", { for: "i", class: "sr" }, this.t("label")), this.input,
          el("button", { type: "submit", class: "send" }, this.t("send"))),
        el("div", { class: "foot" }, el("p", {}, this.t("robot")), button("forget", () => { this.forget(); this.begin(); this.add(this.bubble(this.t("forgotten"))); this.input.focus(); }),
          size("smaller", "A−", -1), size("larger", "A+", 1), !this.hasAttribute("no-language") && choose));
      this.launcher = el("button", { type: "button", class: "launch", "aria-expanded": "false", lang: this.language, on: { click: () => this.toggle(true) } }, icon("chat"), this.t("launch"));
      root.replaceChildren(...(floating ? [this.launcher, this.panel] : [this.panel]));
      if (floating) { this.panel.hidden = !this.hasAttribute("open"); this.panel.style.display = this.panel.hidden ? "none" : ""; this.launcher.style.display = this.panel.hidden ? "" : "none"; }
      this.begin();
    }

    toggle(open) {
      this.toggleAttribute("open", open);
      this.panel.hidden = !open; this.panel.style.display = open ? "" : "none"; this.launcher.style.display = open ? "none" : "";
      this.launcher.setAttribute("aria-expanded", String(open));
      (open ? this.input : this.launcher).focus();
    }
    resize(step) { this.scale = Math.min(1.5, Math.max(0.875, (this.scale || 1) + step * 0.125)); this.panel.style.setProperty("--size", this.scale); }
    say(text) { this.status.textContent = text; }

    /** As new: no conversation, nothing typed, nothing shown. */
    begin() {
      this.turn = (this.turn || 0) + 1; this.id = null; this.waiting = false;
      this.log.replaceChildren(); this.input.value = ""; this.input.style.height = "auto"; this.say("");
      const start = [["start1", "/danger"], ["start2"], ["start3"], ["start4", "/ask_human"], ["start5", "/phone_checked"]];
      this.log.append(this.bubble(this.t("hello")), this.choices(start.map(([key, payload]) => ({ title: this.t(key), payload }))));
    }
    /** The server forgets the conversation; works while the page goes away. */
    forget() {
      if (!this.id) return;
      const url = `${this.server}/api/v1/chat/${encodeURIComponent(this.id)}/forget`;
      this.id = null;
      fetch(url, { method: "POST", mode: "no-cors", keepalive: true, credentials: "omit", referrerPolicy: "no-referrer" }).catch(() => {});
    }

    submit() {
      const text = this.input.value.trim();
      if (!text || this.waiting) return;
      this.input.value = ""; this.input.style.height = "auto";
      this.ask({ text }, text);
    }
    async ask(what, title) {
      if (this.waiting) return;
      const mine = el("div", { class: "m me", dir: "auto" }, el("span", { class: "sr" }, this.t("you") + ": "), title);
      this.show(mine);
      await this.send(what, mine);
    }
    async send(what, mine) {
      const turn = this.turn;
      this.waiting = true;
      const wait = el("div", { class: "m bot", "aria-hidden": "true" }, el("span", { class: "wait" }, el("i"), el("i"), el("i")));
      this.log.append(wait); this.down(); this.say(this.t("typing"));
      let answer = null, status = 0;
      const stop = new AbortController(), clock = setTimeout(() => stop.abort(), TIMEOUT_MS);
      try {
        const response = await fetch(this.server + "/api/v1/chat", {
          method: "POST", headers: { "Content-Type": "application/json" }, credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer", signal: stop.signal,
          body: JSON.stringify({ conversation_id: this.id, language: this.language === "nb" && what.text ? null : this.language, ...what }) });
        status = response.status;
        if (response.ok) answer = await response.json();
      } catch { answer = null; }
      clearTimeout(clock);
      if (turn !== this.turn) return;
      this.waiting = false; wait.remove(); this.say("");
      if (answer && Array.isArray(answer.messages)) quietly(() => this.answer(answer))();
      else quietly(() => this.failed(what, mine, status))();
    }
    failed(what, mine, status) {
      const again = el("div", { class: "unsent" }, this.t("unsent"), el("button", { type: "button", class: "ghost", on: { click: () => { if (!this.waiting) { again.remove(); notice.remove(); this.send(what, mine); this.input.focus(); } } } }, this.t("retry")));
      const notice = status === 429 ? this.bubble(this.t("busy")) : status >= 400 && status < 500 ? this.bubble(this.t("wrong")) : this.numbers("down");
      mine.after(again);
      if (status >= 400 && status < 500 && status !== 429 && what.text && !this.input.value) { this.input.value = what.text; again.remove(); mine.remove(); }
      this.show(notice);
    }
    answer({ conversation_id: id, language, messages }) {
      this.id = typeof id === "string" ? id : null;
      const spoken = LANGUAGES.includes(language) ? language : this.language;
      const nodes = messages.flatMap((message) => quietly(() => this.message(message, spoken))() || []);
      for (const node of nodes) node.lang = spoken;
      if (nodes.length) this.show(...nodes);
    }
    message(message, l) {
      if (message.type === "urgent") return this.urgent(message, l);
      if (message.type === "services") return this.services(list(message.services), l);
      if (message.type === "topic") return this.topic(message.topic, l);
      if (message.type === "measure") return this.measure(message.measure, l);
      if (message.type === "choices") return this.choices(list(message.choices));
      return message.text ? this.bubble(String(message.text), l) : [];
    }

    show(...nodes) { this.log.append(...nodes); this.log.scrollTop = Math.max(0, nodes[0].offsetTop - 12); }
    add(node) { this.log.append(node); this.down(); }
    down() { this.log.scrollTop = this.log.scrollHeight; }
    link(href, text, language) {
      return el("a", { href, target: "_blank", rel: "noopener noreferrer" }, text, el("span", { class: "sr" }, ` (${this.t("newTab", language)})`));
    }
    fold(label, ...content) { return el("details", {}, el("summary", {}, label), ...content); }
    items(lines) { return lines.length && el("ul", {}, lines.map((line) => el("li", { dir: "auto" }, line))); }

    bubble(text, l = this.language) {
      const long = text.length > 600 ? text.lastIndexOf(" ", 450) : 0;
      return el("div", { class: "m bot", dir: "auto", lang: l }, el("span", { class: "sr" }, this.t("me", l) + ": "), this.dial(long > 0 ? text.slice(0, long) + " …" : text),
        long > 0 && this.fold(this.t("more", l), this.dial("… " + text.slice(long + 1))));
    }
    /** Numbers in a sentence can be called. */
    dial(text) {
      return text.split(/(\b11[23]\b|\b116 ?\d{3}\b|\b02800\b|\+47(?: ?\d){8})/).map((part, i) => (i % 2 ? el("a", { href: tel(part) }, part) : part));
    }
    choices(choices) {
      const row = el("div", { class: "choices", role: "group" }, choices.map(({ title, payload }) => el("button", { type: "button", class: "ghost", dir: "auto", on: { click: () => {
        if (this.waiting) return;
        row.remove(); this.input.focus(); this.ask(payload ? { payload } : { text: title }, title);
      } } }, title)));
      return row;
    }
    numbers(key) {
      const n = LANGUAGES.indexOf(this.language);
      return el("div", { class: "urgent", role: key === "down" && "alert", lang: this.language }, el("p", {}, key === "down" ? this.t("down") : this.t("danger").replace(/\?.*/, "?")), el("div", { class: "ways" },
        NUMBERS.map(([number, who], i) => el("a", { class: i ? "b two" : "b", href: tel(number) }, icon("phone"), el("span", {}, number + " – " + who[n])))));
    }
    urgent({ text, contacts, because, correct }, l) {
      return el("div", { class: "urgent", role: "alert", dir: "auto" }, el("p", {}, text), el("div", { class: "ways" }, list(contacts).map((c, i) => this.way(c, l, i ? "b two" : "b", c.name))),
        list(because).length > 0 && el("small", {}, list(because).join(" ")),
        correct && this.choices([correct]));
    }
    services(services, l) {
      const cards = services.map((service) => quietly(() => this.service(service, l))()).filter(Boolean);
      if (cards.length <= 3) return cards;
      const more = el("div", { class: "choices" }, el("button", { type: "button", class: "ghost", on: { click: () => { const next = cards[3]; more.replaceWith(...cards.slice(3)); next.tabIndex = -1; next.focus(); } } }, `${this.t("moreHelp", l)} (${cards.length - 3})`));
      return [...cards.slice(0, 3), more];
    }
    service(s, l) {
      const contacts = list(s.contacts), buttons = contacts.filter((c) => ["phone", "sms", "chat", "email"].includes(c.kind)), rest = contacts.filter((c) => !buttons.includes(c));
      const shown = buttons.length ? buttons : rest, more = buttons.length ? [...buttons.slice(3), ...rest] : rest.slice(3);
      return el("article", { class: "card", "aria-label": s.name }, el("h3", { dir: "auto" }, s.name),
        s.alert && el("p", { dir: "auto" }, el("strong", {}, s.alert)), this.open(s.open, l), el("p", { dir: "auto" }, s.description),
        list(s.why).length > 0 && el("p", { class: "dim", dir: "auto" }, el("strong", {}, this.t("why", l) + ": "), list(s.why).join(" ")),
        el("div", { class: "ways" }, shown.slice(0, 3).map((c, i) => this.way(c, l, i ? "b two" : "b"))),
        more.length > 0 && this.fold(this.t("more", l), el("div", { class: "ways" }, more.map((c) => this.way(c, l, "b two")))),
        s.what_happens && this.fold(this.t("whatHappens", l), el("p", { dir: "auto" }, s.what_happens)),
        this.fold(this.t("traces", l), contacts.map((c) => this.trace(c, l))), this.origin(s, l));
    }
    way(c, l, cls, before) {
      const href = { phone: tel(c.value), sms: tel(c.value).replace("tel:", "sms:"), email: "mailto:" + c.value, chat: web(c.value), web: web(c.value) }[c.kind];
      const image = { phone: "phone", sms: "chat", chat: "chat", email: "email" }[c.kind];
      const label = [image && icon(image), el("span", {}, (before ? before + " – " : "") + (c.label || c.value))];
      const outside = c.kind === "chat" || c.kind === "web";
      return el("div", {}, href ? el("a", { class: cls, href, target: outside && "_blank", rel: outside && "noopener noreferrer" }, label, outside && el("span", { class: "sr" }, ` (${this.t("newTab", l)})`)) : el("strong", {}, c.label || c.value),
        (c.hours || c.note || c.check_first) && el("small", { dir: "auto" }, [c.hours, c.note, c.check_first && this.t("checkFirst", l)].filter(Boolean).map((x) => String(x).replace(/\.?$/, ".")).join(" ")));
    }
    open(state, l) {
      if (!state || state.now === null) return el("p", { class: "open" }, this.t("openUnknown", l) + (state && state.opens_at ? ` · ${this.t("opens", l)} ${this.when(state.opens_at, l)}` : ""));
      const rest = state.now ? state.until && `${this.t("until", l)} ${this.when(state.until, l)}` : state.opens_at && `${this.t("opens", l)} ${this.when(state.opens_at, l)}`;
      return el("p", { class: state.now ? "open yes" : "open" }, this.t(state.now ? "openNow" : "closed", l) + (rest ? " · " + rest : ""));
    }
    when(iso, l) {
      const at = new Date(iso), oslo = (d) => Object.fromEntries(new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/Oslo", weekday: "short", day: "numeric", hour: "numeric", minute: "2-digit" }).formatToParts(d).map((p) => [p.type, p.value]));
      const then = oslo(at), n = LANGUAGES.indexOf(l), day = DAYS[n][DAYS[2].findIndex((d) => d.startsWith(then.weekday))];
      const clock = l === "en" ? `${then.hour}:${then.minute}` : "kl. " + Number(then.hour) + (then.minute === "00" ? "" : "." + then.minute);
      return then.day === oslo(new Date()).day ? clock : `${day} ${clock}`;
    }
    trace(c, l) {
      const words = (key) => this.t(key, l).split("|");
      const known = TRACES.filter((key) => typeof c[key] === "boolean").map((key) => words(key)[c[key] ? 0 : 1]);
      const not = TRACES.filter((key) => c[key] === null && !(key === "on_bill" && c.kind !== "phone" && c.kind !== "sms")).map((key) => words(key)[2]);
      return [el("h4", {}, c.label || c.value), this.items([...known, not.length && `${this.t("notKnown", l)} ${not.join(", ")}.`].filter(Boolean))];
    }
    origin(entry, l) {
      const source = list(entry.sources)[0], page = entry.url && web(entry.url, this.server + "/");
      const date = entry.assured_date && (l === "en" ? entry.assured_date : entry.assured_date.split("-").reverse().join("."));
      return el("p", { class: "dim" }, source && [this.t("source", l) + ": ", source.url && web(source.url) ? this.link(source.url, source.title, l) : source.title], date && `${source ? ", " : ""}${this.t("checked", l)} ${date}. `,
        page && this.link(page + "?sprak=" + l, this.t("all", l), l));
    }
    topic(topic, l) {
      const lines = list(topic.summary);
      return el("article", { class: "card", "aria-label": topic.title }, el("h3", { dir: "auto" }, topic.title), lines.slice(0, 3).map((line) => el("p", { dir: "auto" }, line)),
        lines.length > 3 && this.fold(this.t("more", l), lines.slice(3).map((line) => el("p", { dir: "auto" }, line))),
        list(topic.what_you_can_do).length > 0 && this.fold(this.t("canDo", l), this.items(topic.what_you_can_do)),
        list(topic.law).length > 0 && this.fold(this.t("law", l), this.items(topic.law.map((law) => `${law.says} (${law.name} ${law.section})`))), this.origin(topic, l));
    }
    measure(m, l) {
      return el("article", { class: "card", "aria-label": m.title }, el("h3", { dir: "auto" }, `${this.t("measure", l)} ${m.number}: ${m.title}`),
        el("p", {}, el("strong", {}, this.t(m.status in WORDS ? m.status : "unknown", l)), m.status_date && ` (${m.status_date})`, list(m.responsible).length > 0 && " · " + m.responsible.join(", ")), m.status_note && el("p", { dir: "auto" }, m.status_note),
        el("p", { dir: "auto" }, m.summary), m.reported && this.fold(this.t("more", l), el("p", { dir: "auto" }, m.reported)),
        list(m.later).length > 0 && this.fold(this.t("later", l), this.items(m.later.map((later) => `${later.as_of}: ${later.what}`))), this.origin(m, l));
    }
  }

  if (!customElements.get(TAG)) customElements.define(TAG, VeiviserChat);
  quietly(() => {
    if (!script || script.dataset.mode === "none") return;
    const inline = script.dataset.mode === "inline";
    if (!inline && document.querySelector(TAG)) return;
    const chat = document.createElement(TAG);
    for (const { name, value } of [...script.attributes]) if (name.startsWith("data-") && name !== "data-mode") chat.setAttribute(name.slice(5), value);
    if (!inline) chat.setAttribute("floating", "");
    const place = () => (inline ? script.after(chat) : document.body.append(chat));
    if (document.body) place(); else addEventListener("DOMContentLoaded", place);
  })();
})();
