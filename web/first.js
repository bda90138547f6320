// The page's language, and what can be said when the page's own code does not run: in an old browser, behind a filter
// that keeps a script back, on a network that stands still. Written for browsers of any age, and no module, because
// those are what may be missing. boot.js and the page say the rest.

(function () {
    var WAIT_MS = 20000;
    // A language without an entry says it in English. What the shell shows comes from the page's own words.
    var SAYS = {
        en: {
            old: "This browser is too old. Chrome, Edge and Firefox from 2023 on, and Safari 16.4 and later, will do.",
            lost:
                "The page could not be started, because one of its scripts did not arrive. Reload the page. " +
                "If that does not help, a filter keeps some of the site's files back, or they are missing.",
            slow: "The page is still loading. If nothing happens for another minute, reload it.",
        },
        de: {
            old: "Dieser Browser ist zu alt. Chrome, Edge und Firefox ab 2023 und Safari ab 16.4 genügen.",
            lost:
                "Die Seite konnte nicht gestartet werden, weil eins ihrer Skripte nicht ankam. Lade sie neu. " +
                "Hilft das nicht, so hält ein Filter Dateien der Website zurück, oder sie fehlen.",
            slow: "Die Seite lädt noch. Wenn in der nächsten Minute nichts geschieht, lade sie neu.",
            late: "Falls nichts weiter kommt: Die Seite braucht einen Webserver, denn eine Datei von der Festplatte genügt nicht, und Chrome, Edge oder Firefox ab 2023 oder Safari ab 16.4.",
        },
    };

    // The line in the page's head about the first language that the page has: of the link, of an earlier choice, of the
    // browser. English is the last resort.
    function chosen() {
        var asked = [(/[?&]lang=([^&]*)/.exec(location.search) || [])[1]];
        try {
            asked.push(localStorage.getItem("hedgerow-language"));
        } catch (error) {
            // No storage, no choice.
        }
        asked = asked.concat(navigator.languages || navigator.language, "en");
        for (var i = 0; i < asked.length; i++) {
            var code = (/^[a-z]+/.exec(String(asked[i]).toLowerCase()) || [""])[0];
            var link = document.querySelector('link[hreflang="' + code + '"]');
            if (link) {
                return link;
            }
        }
    }

    var root = document.documentElement;
    // The edition in one file has one language, and no links to others.
    var own = chosen() || { hreflang: "en", dir: "" };
    root.lang = own.hreflang;
    root.dir = own.dir;
    var says = SAYS[root.lang] || SAYS.en;

    // As long as the page has not begun, and nothing nearer to the cause was said.
    function explain(text) {
        var box = document.getElementById("boot-error");
        if (box && box.hidden && document.getElementById("shell")) {
            box.textContent = text;
            box.hidden = false;
        }
    }

    document.addEventListener("DOMContentLoaded", function () {
        var shell = document.getElementById("shell");
        var numbers = shell.getElementsByClassName("example-number");
        // The story's first step in this language; in browsers that are too old for the page it stays English.
        var step = shell.querySelector('template[lang="' + root.lang + '"]');
        if (step && step.content) {
            shell.replaceChild(step.content, shell.querySelector(".story"));
            document.title = "Hedgerow: " + shell.querySelector("h1").textContent;
            for (var i = 0; i < numbers.length; i++) {
                numbers[i].textContent = Number(numbers[i].textContent.replace("\u2212", "-"))
                    .toLocaleString(root.lang, { minimumFractionDigits: 2, signDisplay: "exceptZero" })
                    .replace("-", "\u2212");
            }
        }
        if (says.late) {
            shell.querySelector(".late").textContent = says.late;
        }
        // Another view of the page does not begin with the story, and a link may bring another rater.
        if (/[?&](embed|exercise)/.test(location.search)) {
            shell.querySelector(".story").hidden = true;
        } else if (location.hash && numbers.length) {
            shell.querySelector(".story-stage").hidden = true;
        }
        // What reads these has no page to take them relative to.
        var others = document.querySelectorAll("link[hreflang]");
        for (var j = 0; j < others.length; j++) {
            others[j].setAttribute("href", others[j].href);
        }
        if (!("noModule" in document.createElement("script"))) {
            explain(says.old);
        }
    });

    // A script that does not arrive has no message. The event does not bubble.
    document.addEventListener(
        "error",
        function (event) {
            if (event.target.type === "module") {
                explain(says.lost);
            }
        },
        true,
    );

    setTimeout(function () {
        explain(says.slow);
    }, WAIT_MS);
})();
