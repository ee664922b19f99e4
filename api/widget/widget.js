/* Veiviser – chat widget. Options: docs/widget.md. Apache-2.0. */
(() => {
	"use strict";
	const TAG = "veiviser-chat", LANGUAGES = ["nb", "nn", "en"], EXIT_URL = "https://www.yr.no/", TIMEOUT_MS = 15000;
	const script = document.currentScript;
	if (!("adoptedStyleSheets" in document)) return; // what stands inside the element stays
	const HOME = script && script.src ? new URL(script.src).origin : location.origin;

	// Bokmål|nynorsk (when it differs)|English; text-send="…" replaces one.
	const WORDS = {
		title: "Veiviser",
		launch: "Trenger du hjelp?|Treng du hjelp?|Do you need help?",
		close: "Lukk||Close",
		exit: "Forlat siden|Gå ut av sida|Leave this page",
		exitHint: "Trykk Shift tre ganger for å forlate siden.|Trykk Shift tre gonger for å gå ut av sida.|Press Shift three times to leave this page.",
		danger: "Fare nå? Ring|Fare no? Ring|Danger now? Call",
		numbers: "Flere nummer|Fleire nummer|More numbers",
		safe: "Kan noen se på telefonen din?|Kan nokon sjå på telefonen din?|Can someone look at your phone?",
		safeLink: "Les om trygg bruk||Read about safe use",
		log: "Samtalen||The conversation",
		hint: "Skriv med dine egne ord|Skriv med dine eigne ord|Use your own words",
		send: "Send",
		hello: "Hei. Skriv hva som skjer, med dine egne ord. Du trenger ikke si hvem du er, og du bestemmer selv hva du gjør videre.|Hei. Skriv kva som skjer, med dine eigne ord. Du treng ikkje seie kven du er, og du bestemmer sjølv kva du gjer vidare.|Hi. Write what is going on, in your own words. You do not have to say who you are, and you decide what to do next.",
		start1: "Det er fare nå|Det er fare no|There is danger now",
		start2: "Jeg er redd for en reise|Eg er redd for ei reise|I am afraid of a journey",
		start3: "Jeg er urolig for noen|Eg er uroleg for nokon|I am worried about someone",
		start4: "Jeg vil snakke med et menneske|Eg vil snakke med eit menneske|I want to talk to a person",
		start5: "Noen sjekker telefonen min|Nokon sjekkar telefonen min|Someone checks my phone",
		you: "Du skrev|Du skreiv|You wrote",
		me: "Svar||Answer",
		typing: "Leter etter hjelp …|Leitar etter hjelp …|Looking for help …",
		unsent: "Ikke sendt.|Ikkje sendt.|Not sent.",
		retry: "Prøv igjen||Try again",
		down: "Jeg får ikke svar akkurat nå. Det du skrev, står her fortsatt. Disse kan du ringe:|Eg får ikkje svar akkurat no. Det du skreiv, står her framleis. Desse kan du ringje:|I cannot get an answer right now. What you wrote is still here. You can call these:",
		busy: "Mange skriver akkurat nå. Vent litt og prøv igjen.|Mange skriv akkurat no. Vent litt og prøv igjen.|Many people are writing right now. Wait a little and try again.",
		wrong: "Dette gikk ikke å sende. Prøv kortere.|Dette gjekk ikkje å sende. Prøv kortare.|This could not be sent. Try something shorter.",
		more: "Vis mer|Vis meir|Show more",
		openNow: "Åpent nå|Ope no|Open now",
		until: "til||until",
		closed: "Stengt nå|Stengt no|Closed now",
		opens: "åpner|opnar|opens",
		openUnknown: "Åpningstid ikke kjent|Opningstid ikkje kjend|Opening hours not known",
		whatHappens: "Hva skjer når jeg tar kontakt?|Kva skjer når eg tek kontakt?|What happens when I make contact?",
		traces: "Pris, anonymitet og spor||Cost, anonymity and traces",
		notKnown: "Vi vet ikke om|Vi veit ikkje om|We do not know whether",
		free: "Gratis;Kan koste noe;det er gratis|Gratis;Kan koste noko;det er gratis|Free;May cost something;it is free",
		anonymous: "Du kan være anonym;Du må si hvem du er;du kan være anonym|Du kan vere anonym;Du må seie kven du er;du kan vere anonym|You can be anonymous;You have to say who you are;you can be anonymous",
		on_bill: "Kan synes på regning eller i anropslogg;Synes ikke på regning eller i anropslogg;det synes på regningen|Kan visast på rekning eller i anropslogg;Blir ikkje vist på rekning eller i anropslogg;det blir vist på rekninga|May show on the bill or call log;Does not show on the bill or call log;it shows on the bill",
		needs_bankid: "Krever BankID;Krever ikke BankID;det krever BankID|Krev BankID;Krev ikkje BankID;det krev BankID|Needs BankID;Does not need BankID;it needs BankID",
		parents_told: "Foreldre får vite det;Foreldre får ikke vite det;foreldre får vite det|Foreldre får vite det;Foreldre får ikkje vite det;foreldre får vite det|Parents are told;Parents are not told;parents are told",
		from_abroad: "Virker fra utlandet;Virker ikke fra utlandet;det virker fra utlandet|Verkar frå utlandet;Verkar ikkje frå utlandet;det verkar frå utlandet|Works from abroad;Does not work from abroad;it works from abroad",
		all: "Alt vi vet|Alt vi veit|Everything we know",
		newTab: "ny fane||new tab",
		source: "Kilde|Kjelde|Source",
		checked: "kontrollert||checked",
		canDo: "Du kan|Du kan|You can",
		law: "Loven sier|Lova seier|The law says",
		measure: "Tiltak||Measure",
		ongoing: "Pågår||Ongoing",
		completed: "Ferdig||Completed",
		unknown: "Status ikke kjent|Status ikkje kjend|Status not known",
		forget: "Slett samtalen||Delete this conversation",
		forgotten: "Samtalen er slettet.|Samtalen er sletta.|The conversation is deleted.",
		smaller: "Mindre tekst||Smaller text",
		larger: "Større tekst||Larger text",
		language: "Språk||Language",
		robot: "Svarene kommer fra et program.|Svara kjem frå eit program.|The answers come from a program.",
	};
	// A test holds these to the service entries.
	const NUMBERS = {
		"112": "Politi, ved fare nå|Politi, ved fare no|Police, danger now",
		"113": "Ambulanse, fare for liv||Ambulance, life in danger",
		"116 111": "For barn og unge, hele døgnet|For barn og unge, heile døgnet|Children and young people, day and night",
		"116 006": "Vold i nære relasjoner, hele døgnet|Vald i nære relasjonar, heile døgnet|Violence in close relationships, day and night",
		"+47 23 95 00 00": "I utlandet: Utenriksdepartementet|I utlandet: Utanriksdepartementet|Abroad: the Foreign Ministry",
	};
	const DAYS = ["søn man tirs ons tors fre lør", "sun mån tys ons tors fre laur", "Sun Mon Tues Wednes Thurs Fri Satur"].map((row) => row.split(" "));
	const TRACES = "free anonymous on_bill needs_bankid parents_told from_abroad".split(" ");
	const ICONS = { phone: "M7 3 3 5c0 9 7 16 16 16l2-4-5-3-2 2c-3-1-5-3-6-6l2-2z", chat: "M3 4h18v13H10l-5 4v-4H3z", exit: "M10 3h10v18H10v-2h8V5h-8zM8 8l-4 4 4 4v-3h6v-2H8z" };

	// Name, Designsystemet's token, light, dark. --veiviser-<name> overrides.
	const TOKENS = `bg neutral-background-default #fff #141b1d,tint accent-surface-tinted #e4f0ef #1c3437,text neutral-text-default #1b2427 #eef3f3,dim neutral-text-subtle #4b585c #b6c3c6,line neutral-border-subtle #d3d9da #3a474b,edge neutral-border-default #66757a #87959a,accent accent-base-default #0b5a61 #7fd1ce,on accent-base-contrast-default #fff #08211f,link accent-text-subtle #0a5157 #8fdad7,red danger-text-subtle #8c1116 #ffc4be,redbg danger-surface-default #fdeeec #3d1f1f,green success-text-subtle #1b6539 #98dbae`.split(",").map((row) => row.split(" "));
	const tokens = (column) => TOKENS.map((row) => `--${row[0]}:var(--veiviser-${row[0]},var(--ds-color-${row[1]},${row[column]}));`).join("");
	const CSS = `:host{display:block;height:var(--veiviser-height,min(46rem,88vh));font:1rem/1.5 var(--veiviser-font,Inter,system-ui,sans-serif);--r:var(--veiviser-radius,var(--ds-border-radius-lg,12px));color-scheme:light;${tokens(2)}}
@media(prefers-color-scheme:dark){:host(:not([theme=light])){color-scheme:dark;${tokens(3)}}}:host([theme=dark]){color-scheme:dark;${tokens(3)}}
:host([hidden]),[hidden]{display:none!important}:host([floating]){position:fixed;inset-block-end:1rem;inset-inline-end:1rem;height:auto;z-index:2147483000}
*{box-sizing:border-box}.v{display:flex;flex-direction:column;height:100%;background:var(--bg);color:var(--text);border:1px solid var(--line);border-radius:var(--r);overflow:hidden;text-align:start;font-size:calc(1em*var(--size,1))}
:host([floating]) .v{width:min(26rem,calc(100vw - 2rem));height:min(42rem,calc(100vh - 2rem));box-shadow:0 8px 40px #0005}
@media(max-width:30rem){:host([floating][open]){inset:0}:host([floating]) .v{width:100%;height:100%;border:0;border-radius:0}}
button,textarea,select{font:inherit;color:inherit}button,.b{cursor:pointer;min-height:2.75em;padding:.5em 1em;border-radius:calc(var(--r)*.66);border:1px solid transparent;display:inline-flex;align-items:center;gap:.5em;font-weight:500;text-decoration:none;text-align:start;line-height:1.25;background:var(--accent);color:var(--on)}button:hover,.b:hover{filter:brightness(1.1)}
.two{background:none;color:var(--link);border-color:currentColor}.plain{background:none;color:var(--link);padding:.25em .4em;min-height:2em;font-weight:400;text-decoration:underline}.two:hover,.plain:hover{background:var(--tint);filter:none}.launch{border-radius:2em}.exit{background:var(--text);color:var(--bg)}
:focus-visible{outline:3px solid var(--text);outline-offset:2px;box-shadow:0 0 0 2px var(--bg)}a{color:var(--link)}svg{width:1.15em;height:1.15em;fill:currentColor;flex:none}
.head{display:flex;align-items:center;gap:.5em;padding:.5em .5em .5em 1em}h2{font-size:1.1em;margin:0;flex:1}
.top{padding:.3em 1em .5em;border-block-end:1px solid var(--line);font-size:.925em;display:flex;flex-wrap:wrap;gap:.1em 1.25em;align-items:baseline}p{margin:.35em 0}.top p{margin:0}.tel{color:var(--red);font-weight:600}
.log{flex:1;overflow-wrap:anywhere;overflow-y:auto;overscroll-behavior:contain;padding:1em;position:relative;display:flex;flex-direction:column;gap:.75em}.log>*{flex:none}
.m{max-width:92%;padding:.65em .9em;border-radius:var(--r);white-space:pre-line}.bot{background:var(--tint);align-self:flex-start;border-end-start-radius:3px}.me{background:var(--accent);color:var(--on);align-self:flex-end;border-end-end-radius:3px}
.unsent{align-self:flex-end;display:flex;gap:.5em;align-items:center;color:var(--red)}.card{border:1px solid var(--line);border-radius:var(--r);padding:1em}
.urgent{background:var(--redbg);border:2px solid var(--red)}.urgent>p:first-child{font-weight:600;margin:0 0 .75em}.urgent :is(small,.two){color:var(--red)}.urgent .one{background:var(--red);color:var(--redbg)}
h3{font-size:1.06em;margin:0}h4{font-size:.95em;margin:.75em 0 .2em}ul{margin:.35em 0;padding-inline-start:1.2em}.dim,small{color:var(--dim);font-size:.9em}small{display:block;margin-block-start:.2em}
.open{display:flex;gap:.45em;align-items:center;font-size:.9em;font-weight:500;color:var(--dim)}.open::before{content:"";width:.7em;height:.7em;border-radius:50%;border:2px solid}.yes{color:var(--green)}.yes::before{background:currentColor}
.ways{display:grid;gap:.6em;margin:.75em 0}details{margin-block-start:.4em}summary{cursor:pointer;color:var(--link);padding:.3em 0;font-weight:500}.choices{display:flex;flex-wrap:wrap;gap:.5em}.choices .two{border-radius:2em}
form{display:flex;gap:.5em;padding:.75em;border-block-start:1px solid var(--line);align-items:flex-end}textarea{flex:1;min-width:0;resize:none;min-height:2.75em;max-height:9em;padding:.6em .75em;border:1px solid var(--edge);border-radius:calc(var(--r)*.66);background:var(--bg);line-height:1.4}::placeholder{color:var(--dim);opacity:1}
.foot{display:flex;flex-wrap:wrap;align-items:center;gap:.1em .35em;padding:0 .6em .5em;font-size:.875em;color:var(--dim)}.foot p{margin:0 .4em;flex-basis:100%}select{background:var(--bg);border:1px solid var(--edge);border-radius:6px;padding:.2em;min-height:2em;margin-inline-start:auto}
.wait::after{content:"• • •";animation:w 1.2s infinite}@keyframes w{50%{opacity:.3}}@media(prefers-reduced-motion:reduce){.wait::after{animation:none}}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}`;
	let sheet;
	const chats = new Set();
	const quietly = (work) => (...args) => { try { return work(...args); } catch {} };

	const el = (tag, options = {}, ...children) => {
		const node = document.createElement(tag);
		for (const [key, value] of Object.entries(options)) {
			if (key.startsWith("on")) node.addEventListener(key.slice(2), quietly(value));
			else if (value || value === "") node.setAttribute(key, value === true ? "" : value);
		}
		node.append(...children.flat(3).filter(Boolean));
		return node;
	};
	const say = (tag, text, cls) => text && el(tag, { dir: "auto", class: cls }, text);
	const button = (text, run, cls, label) => el("button", { type: "button", class: cls, "aria-label": label, onclick: run }, text);
	const fold = (label, ...content) => el("details", {}, el("summary", {}, label), ...content);
	const card = (title, ...content) => el("article", { class: "card", "aria-label": title }, say("h3", title), ...content);
	const items = (lines) => el("ul", {}, lines.map((line) => say("li", line)));
	const list = (value) => (Array.isArray(value) ? value : value ? [value] : []);
	const icon = (name) => {
		const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), path = document.createElementNS(svg.namespaceURI, "path");
		svg.setAttribute("viewBox", "0 0 24 24"); svg.setAttribute("aria-hidden", "true"); path.setAttribute("d", ICONS[name]); svg.append(path);
		return svg;
	};
	const tel = (number) => { const digits = String(number).replace(/[^\d+]/g, ""); return "tel:" + (/^\d{8}$/.test(digits) ? "+47" : "") + digits; };
	const web = (value, base) => { try { const { href } = new URL(value, base); return /^https?:/.test(href) ? href : null; } catch { return null; } };
	/** Numbers in a sentence can be called. */
	const dial = (text) => text.split(/(\b11[23]\b|\b116 ?\d{3}\b|\b02800\b|\+47(?: ?\d){8})/).map((part, i) => (i % 2 ? el("a", { href: tel(part) }, part) : part));

	/** Cover the page, forget, and let a neutral page take its place in the history. */
	const leave = (url) => {
		const cover = document.createElement("div");
		Object.assign(cover.style, { position: "fixed", inset: "0", background: "#fff", zIndex: "2147483647" });
		cover.dataset.veiviserCover = "";
		document.documentElement.append(cover);
		forgetAll();
		try { window.top.location.replace(url); } catch { location.replace(url); }
	};
	const forgetAll = quietly(() => chats.forEach((one) => one.forget()));
	let shifts = 0, lastShift = 0, modified = false;
	document.addEventListener("keyup", quietly((event) => {
		const own = [...chats].find((one) => one.exits);
		if (!own) return;
		if (event.key !== "Shift") shifts = 0;
		else if (!modified) {
			shifts = event.timeStamp - lastShift < 3000 ? shifts + 1 : 1;
			lastShift = event.timeStamp;
			if (shifts > 2) leave(own.exitUrl); else own.say(own.t("exitHint"));
		}
		modified = event.shiftKey && event.key !== "Shift";
	}), true);
	document.addEventListener("veiviser:exit", forgetAll);
	addEventListener("pagehide", forgetAll);
	addEventListener("pageshow", quietly((event) => {
		document.querySelectorAll("[data-veiviser-cover]").forEach((cover) => cover.remove());
		if (event.persisted) chats.forEach((one) => one.begin());
	}));

	class VeiviserChat extends HTMLElement {
		static get observedAttributes() { return ["language"]; }
		connectedCallback() { quietly(() => { chats.add(this); if (!this.shadowRoot) this.build(); })(); }
		disconnectedCallback() { this.forget(); chats.delete(this); }
		attributeChangedCallback() { if (this.shadowRoot) quietly(() => { this.forget(); this.build(); })(); }

		get language() { const wanted = this.getAttribute("language"); return LANGUAGES.includes(wanted) ? wanted : "nb"; }
		get server() { return (web(this.getAttribute("server")) || HOME).replace(/\/+$/, ""); }
		get exitUrl() { return web(this.getAttribute("exit-url")) || EXIT_URL; }
		get exits() { return !this.hasAttribute("no-exit"); }
		t(key, l = this.language) { return this.getAttribute("text-" + key) || this.pick(WORDS[key], l); }
		pick(words, l = this.language) { const each = words.split("|"); return each[LANGUAGES.indexOf(l)] || each[0]; }

		build() {
			const root = this.shadowRoot || this.attachShadow({ mode: "open" });
			if (!sheet) { sheet = new CSSStyleSheet(); sheet.replaceSync(CSS); }
			root.adoptedStyleSheets = [sheet];
			const floating = this.hasAttribute("floating"), has = (option) => !this.hasAttribute("no-" + option), t = (key) => this.t(key);
			this.status = el("div", { role: "status", class: "sr" });
			this.log = el("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": t("log"), tabindex: "0" });
			this.input = el("textarea", { rows: "1", maxlength: "2000", placeholder: t("hint"), "aria-label": t("hint"), autocomplete: "off", dir: "auto",
				onkeydown: (e) => { if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); this.submit(); } }, oninput: () => this.grow() });
			const choose = el("select", { "aria-label": t("language"), onchange: () => this.setAttribute("language", choose.value) },
				[["nb", "Bokmål"], ["nn", "Nynorsk"], ["en", "English"]].map(([code, name]) => el("option", { value: code, lang: code, selected: code === this.language }, name)));
			this.panel = el("section", { class: "v", lang: this.language, "aria-label": t("title"), role: floating && "dialog", onkeydown: (e) => { if (floating && e.key === "Escape") this.toggle(false); } },
				el("div", { class: "head" }, el("h2", {}, this.getAttribute("heading") || t("title")), this.exits && button([icon("exit"), t("exit")], () => leave(this.exitUrl), "exit"), floating && button(t("close"), () => this.toggle(false), "plain")),
				el("div", { class: "top" },
					has("numbers") && el("p", {}, t("danger") + " ", el("a", { href: "tel:112", class: "tel" }, "112"), " ", button(t("numbers"), () => this.show(this.numbers()), "plain")),
					el("p", {}, t("safe") + " ", this.link("/trygg?sprak=" + this.language, t("safeLink")))),
				this.log, this.status,
				el("form", { onsubmit: (e) => { e.preventDefault(); this.submit(); } }, this.input, el("button", {}, t("send"))),
				el("div", { class: "foot" }, el("p", {}, t("robot")),
					button(t("forget"), () => { this.forget(); this.begin(); this.show(this.bubble(t("forgotten"))); this.input.focus(); }, "plain"),
					button("A−", () => this.resize(-1), "plain", t("smaller")), button("A+", () => this.resize(1), "plain", t("larger")), has("language") && choose));
			this.launcher = el("button", { type: "button", class: "launch", lang: this.language, onclick: () => this.toggle(true) }, icon("chat"), t("launch"));
			root.replaceChildren(this.launcher, this.panel);
			this.launcher.hidden = !floating || this.hasAttribute("open");
			this.panel.hidden = !this.launcher.hidden;
			this.begin();
		}
		toggle(open) {
			this.toggleAttribute("open", open);
			this.launcher.hidden = open; this.panel.hidden = !open;
			(open ? this.input : this.launcher).focus();
		}
		resize(step) { this.scale = Math.min(1.5, Math.max(0.875, (this.scale || 1) + step / 8)); this.panel.style.setProperty("--size", this.scale); }
		grow() { this.input.style.height = "auto"; if (this.input.value) this.input.style.height = this.input.scrollHeight + 2 + "px"; }
		say(text) { this.status.textContent = text; }

		/** As new: no conversation, nothing typed, nothing shown. */
		begin() {
			this.turn = (this.turn || 0) + 1; this.waiting = this.begun = false;
			this.id = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16)))).replace(/\W/g, (c) => ({ "+": "-", "/": "_" })[c] || "");
			this.input.value = ""; this.grow(); this.say("");
			const start = { start1: "/danger", start2: "", start3: "", start4: "/ask_human", start5: "/phone_checked" };
			this.log.replaceChildren(this.bubble(this.t("hello")), this.choices(Object.entries(start).map(([key, payload]) => ({ title: this.t(key), payload }))));
		}
		/** The server forgets the conversation, also while the page goes away. */
		forget() {
			if (!this.begun) return;
			this.begun = false;
			fetch(`${this.server}/api/v1/chat/${this.id}`, { method: "DELETE", keepalive: true, credentials: "omit", referrerPolicy: "no-referrer" }).catch(() => {});
		}
		submit() {
			const text = this.input.value.trim();
			if (!text || this.waiting) return;
			this.input.value = ""; this.grow();
			this.ask({ text }, text);
		}
		ask(what, title) {
			const mine = el("div", { class: "m me", dir: "auto" }, el("span", { class: "sr" }, this.t("you") + ": "), title);
			this.show(mine);
			this.send(what, mine);
		}
		async send(what, mine) {
			const { turn } = this, wait = el("div", { class: "m bot wait", "aria-hidden": "true" });
			this.waiting = this.begun = true;
			this.log.append(wait); this.log.scrollTop = this.log.scrollHeight; this.say(this.t("typing"));
			let answer, status = 0;
			try {
				const response = await fetch(this.server + "/api/v1/chat", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ conversation_id: this.id, language: this.language === "nb" && what.text ? null : this.language, ...what }), credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer", signal: AbortSignal.timeout?.(TIMEOUT_MS) });
				status = response.status;
				if (response.ok) answer = await response.json();
			} catch {}
			if (turn !== this.turn) return;
			this.waiting = false; wait.remove(); this.say("");
			if (!quietly(() => this.answer(answer))()) quietly(() => this.failed(what, mine, status))();
		}
		failed(what, mine, status) {
			const refused = status >= 400 && status < 500 && status !== 429;
			const notice = status === 429 ? this.bubble(this.t("busy")) : refused ? this.bubble(this.t("wrong")) : this.numbers(this.t("down"), "alert");
			if (refused && what.text && !this.input.value) { this.input.value = what.text; this.grow(); mine.remove(); }
			else {
				const again = el("div", { class: "unsent" }, this.t("unsent"), button(this.t("retry"), () => { if (!this.waiting) { again.remove(); notice.remove(); this.input.focus(); this.send(what, mine); } }, "two"));
				mine.after(again);
			}
			this.show(notice);
			if (mine.isConnected) this.log.scrollTop = mine.offsetTop - 12;
		}
		answer({ conversation_id: id, language, messages }) {
			if (/^[\w-]+$/.test(id)) this.id = id;
			const l = LANGUAGES.includes(language) ? language : this.language;
			const nodes = messages.flatMap((message) => quietly(() => this.message(message, l))() || []);
			for (const node of nodes) node.lang = l;
			this.show(...nodes);
			return true;
		}
		message(message, l) {
			if (message.type === "urgent") return this.urgent(message, l);
			if (message.type === "services") return this.services(list(message.services), l);
			if (message.type === "topic") return this.topic(message.topic, l);
			if (message.type === "measure") return this.measure(message.measure, l);
			if (message.type === "choices") return this.choices(list(message.choices));
			return message.text ? this.bubble(String(message.text), l) : [];
		}

		show(...nodes) { this.log.append(...nodes); this.log.scrollTop = nodes[0].offsetTop - 12; }
		link(href, text, l) { return el("a", { href: web(href, this.server), target: "_blank", rel: "noopener noreferrer" }, text, el("span", { class: "sr" }, ` (${this.t("newTab", l)})`)); }
		bubble(text, l = this.language) {
			const cut = text.length > 600 ? text.lastIndexOf(" ", 450) : 0;
			return el("div", { class: "m bot", dir: "auto", lang: l }, el("span", { class: "sr" }, this.t("me", l) + ": "), dial(cut > 0 ? text.slice(0, cut) + " …" : text), cut > 0 && fold(this.t("more", l), dial(text.slice(cut + 1))));
		}
		choices(choices) {
			const row = el("div", { class: "choices", role: "group" }, choices.map(({ title, payload }) => button(title, () => {
				if (this.waiting) return;
				row.remove(); this.input.focus(); this.ask(payload ? { payload } : { text: title }, title);
			}, "two")));
			return row;
		}
		numbers(text = this.t("danger").split("?")[0] + "?", role) {
			return el("div", { class: "card urgent", role, lang: this.language }, el("p", {}, text), el("div", { class: "ways" },
				Object.keys(NUMBERS).map((number, i) => el("a", { class: i ? "b two" : "b one", href: tel(number) }, icon("phone"), el("span", {}, `${number} – ${this.pick(NUMBERS[number])}`)))));
		}
		urgent({ text, contacts, because, correct }, l) {
			return el("div", { class: "card urgent", role: "alert" }, say("p", text), el("div", { class: "ways" }, list(contacts).map((c, i) => this.way(c, l, i, c.name))), say("small", list(because).join(" ")), correct && el("p", {}, this.choices([correct])));
		}
		services(services, l) {
			const cards = services.map((service) => quietly(() => this.service(service, l))()).filter(Boolean);
			if (cards.length < 4) return cards;
			const more = button(`${this.t("more", l)} (${cards.length - 3})`, () => { more.replaceWith(...cards.slice(3)); cards[3].tabIndex = -1; cards[3].focus(); }, "two");
			return [...cards.slice(0, 3), more];
		}
		service(s, l) {
			const contacts = list(s.contacts), talk = contacts.filter((c) => /phone|sms|chat|email/.test(c.kind)), first = (talk.length ? talk : contacts).slice(0, 3), rest = contacts.filter((c) => !first.includes(c));
			const ways = (some, from) => el("div", { class: "ways" }, some.map((c, i) => this.way(c, l, i + from)));
			return card(s.name, s.alert && el("strong", {}, s.alert), this.open(s.open, l), say("p", s.description), say("p", list(s.why).join(" "), "dim"),
				ways(first, 0), rest.length && fold(this.t("more", l), ways(rest, 1)), s.what_happens && fold(this.t("whatHappens", l), say("p", s.what_happens)), fold(this.t("traces", l), contacts.map((c) => this.trace(c, l))), this.origin(s, l));
		}
		way(c, l, place, name) {
			const href = { phone: tel(c.value), sms: "sms:" + tel(c.value).slice(4), email: "mailto:" + c.value }[c.kind] || (c.kind !== "visit" && web(c.value));
			const kind = /sms|email/.test(c.kind) ? "chat" : c.kind, out = href && /^http/.test(href), text = c.label + (c.kind === "phone" && !c.label.includes(c.value) ? " " + c.value : "");
			return el("div", {}, href ? el("a", { class: place ? "b two" : "b one", href, target: out && "_blank", rel: out && "noopener noreferrer" }, ICONS[kind] && icon(kind), el("span", { dir: "auto" }, text, out && el("span", { class: "sr" }, ` (${this.t("newTab", l)})`))) : say("strong", text + ": " + c.value),
				say("small", [name, c.hours, !name && c.note, c.check_note].filter(Boolean).map((x) => x[0].toUpperCase() + x.slice(1).replace(/\.?$/, ".")).join(" ")));
		}
		open(state, l) {
			const { now, until, opens_at: opens } = state || {}, soon = (key, iso) => (iso ? ` · ${this.t(key, l)} ${this.when(iso, l)}` : "");
			return el("p", { class: now ? "open yes" : "open" }, now ? this.t("openNow", l) + soon("until", until) : this.t(now === false ? "closed" : "openUnknown", l) + soon("opens", opens));
		}
		when(iso, l) {
			const oslo = (date) => Object.fromEntries(new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/Oslo", weekday: "long", day: "numeric", hour: "numeric", minute: "2-digit" }).formatToParts(date).map((part) => [part.type, part.value]));
			const then = oslo(new Date(iso)), day = DAYS[LANGUAGES.indexOf(l)][DAYS[2].findIndex((name) => name + "day" === then.weekday)] + (l === "en" ? "day" : "dag");
			const clock = l === "en" ? `${then.hour}:${then.minute}` : `kl. ${Number(then.hour)}${then.minute === "00" ? "" : "." + then.minute}`;
			return then.day === oslo(new Date()).day ? clock : `${day} ${clock}`;
		}
		trace(c, l) {
			const words = (key) => this.t(key, l).split(";"), keys = TRACES.filter((key) => key !== "on_bill" || /phone|sms/.test(c.kind));
			const unknown = keys.filter((key) => c[key] === null).map((key) => words(key)[2]);
			return [el("h4", {}, c.label), items([...keys.filter((key) => typeof c[key] === "boolean").map((key) => words(key)[c[key] ? 0 : 1]), unknown.length && `${this.t("notKnown", l)} ${unknown.join(", ")}.`])];
		}
		origin(entry, l) {
			const source = list(entry.sources)[0], date = entry.assured_date || "";
			return el("p", { class: "dim" }, source && [this.t("source", l) + ": ", web(source.url) ? this.link(source.url, source.title, l) : source.title, ", "], `${this.t("checked", l)} ${l === "en" ? date : date.split("-").reverse().join(".")}. ${entry.check_note || ""} `, entry.url && this.link(`${entry.url}?sprak=${l}`, this.t("all", l), l));
		}
		topic(topic, l) {
			const lines = list(topic.summary).map((line) => say("p", line)), cando = list(topic.what_you_can_do), law = list(topic.law);
			return card(topic.title, lines.slice(0, 3), lines.length > 3 && fold(this.t("more", l), lines.slice(3)), cando.length && fold(this.t("canDo", l), items(cando)),
				law.length && fold(this.t("law", l), items(law.map((rule) => `${rule.says} (${rule.name} ${rule.section}) ${rule.check_note || ""}`))), this.origin(topic, l));
		}
		measure(m, l) {
			const rest = [m.reported, ...list(m.later).map((later) => `${later.as_of}: ${later.what}`)].filter(Boolean), status = this.t(m.status === "ongoing" || m.status === "completed" ? m.status : "unknown", l);
			return card(`${this.t("measure", l)} ${m.number}: ${m.title}`, say("strong", [status, m.status_date, ...list(m.responsible)].filter(Boolean).join(" · ")), say("p", m.status_note), say("p", m.summary), rest.length && fold(this.t("more", l), rest.map((text) => say("p", text))), this.origin(m, l));
		}
	}

	if (!customElements.get(TAG)) customElements.define(TAG, VeiviserChat);
	quietly(() => {
		const { mode } = script.dataset;
		if (mode === "none" || (mode !== "inline" && document.querySelector(TAG))) return;
		const chat = document.createElement(TAG);
		for (const { name, value } of [...script.attributes]) if (name.startsWith("data-")) chat.setAttribute(name.slice(5), value);
		chat.toggleAttribute("floating", mode !== "inline");
		const place = () => (mode === "inline" ? script.after(chat) : document.body.append(chat));
		if (document.body) place(); else addEventListener("DOMContentLoaded", place);
	})();
})();
