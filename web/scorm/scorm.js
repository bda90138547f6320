// The page of a SCORM package. It shows an exercise in a frame and tells the learning management system what has become
// of it: complete when every step is done, and the share of the questions that are answered rightly as the score.
// `exports.scorm` is the library, which stands before this in the package.

const { scorm } = exports;
const { version } = Object.assign(scorm, {
    version: document.documentElement.dataset.scorm,
    isDebugActive: false,
    handleExitMode: false,
});
const MODEL = {
    1.2: { status: "cmi.core.lesson_status", place: "cmi.core.lesson_location", score: "cmi.core.score", time: "cmi.core.session_time", exit: "cmi.core.exit" },
    2004: { status: "cmi.completion_status", place: "cmi.location", score: "cmi.score", time: "cmi.session_time", exit: "cmi.exit" },
}[version];
const begun = Date.now();
const frame = document.querySelector("iframe");

if (isHeard()) {
    addEventListener("message", ({ source, data }) => {
        if (source === frame.contentWindow && data?.hedgerow === "progress") {
            progress(data);
        } else if (source === frame.contentWindow && data?.hedgerow === "result") {
            result(data);
        }
    });
    addEventListener("pagehide", leave);
} else {
    document.getElementById("not-heard").hidden = false;
}

function isHeard() {
    try {
        return scorm.initialize();
    } catch {
        // The system's page is on another site and does not let itself be asked.
        return false;
    }
}

function progress({ done, steps }) {
    scorm.set(MODEL.place, `${done}/${steps}`);
    if (version === "2004") {
        scorm.set("cmi.progress_measure", rounded(done / steps));
    }
    scorm.commit();
}

// What is complete stays so, whatever is changed in the exercise afterwards.
function result({ right, questions }) {
    if (questions > 0) {
        const share = right / questions;
        scorm.set(`${MODEL.score}.min`, "0");
        scorm.set(`${MODEL.score}.max`, "100");
        scorm.set(`${MODEL.score}.raw`, rounded(100 * share));
        if (version === "2004") {
            scorm.set(`${MODEL.score}.scaled`, rounded(share));
        }
    }
    scorm.set(MODEL.status, "completed");
    scorm.commit();
}

function leave() {
    scorm.set(MODEL.time, duration(Math.round((Date.now() - begun) / 1000)));
    // The next visit goes on where this one ends.
    scorm.set(MODEL.exit, "suspend");
    scorm.terminate();
}

function duration(seconds) {
    if (version === "2004") {
        return `PT${seconds}S`;
    }
    const two = (number) => String(number).padStart(2, "0");
    return `${String(Math.floor(seconds / 3600)).padStart(4, "0")}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

function rounded(number) {
    return String(Math.round(number * 100) / 100);
}
