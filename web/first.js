// What can be said when the page's own code does not run: in an old browser, behind a filter that keeps a
// script back, on a network that stands still. Written for browsers of any age, and no module, because those are what
// may be missing. boot.js and the page say the rest.

(function () {
    var WAIT_MS = 20000;

    // As long as the page has not begun, and nothing nearer to the cause was said.
    function explain(text) {
        var box = document.getElementById("boot-error");
        if (box && box.hidden && document.getElementById("shell")) {
            box.textContent = text;
            box.hidden = false;
        }
    }

    document.addEventListener("DOMContentLoaded", function () {
        if (!("noModule" in document.createElement("script"))) {
            explain("This browser is too old. Chrome, Edge and Firefox from 2023 on, and Safari 16.4 and later, will do.");
        }
    });

    // A script that does not arrive has no message. The event does not bubble.
    document.addEventListener(
        "error",
        function (event) {
            if (event.target.type === "module") {
                explain(
                    "The page could not be started, because one of its scripts did not arrive. Reload the page. " +
                        "If that does not help, a filter keeps some of the site's files back, or they are missing.",
                );
            }
        },
        true,
    );

    setTimeout(function () {
        explain("The page is still loading. If nothing happens for another minute, reload it.");
    }, WAIT_MS);
})();
