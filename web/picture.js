// From a picture of a chart, which is a document of SVG, to pixels.

// How long a browser may take to read a picture.
const PATIENCE_MS = 20_000;

// Returns a PNG with twice as many pixels as the picture is wide and high: for paper, and for screens that have them.
// The picture comes as an address that the page's policy allows.
export async function png(svg, width, height) {
    const image = new Image(width, height);
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
    const patience = new Promise((_, reject) => setTimeout(reject, PATIENCE_MS, new Error("no answer")));
    await Promise.race([image.decode(), patience]);
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [2 * width, 2 * height];
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve, reject) => {
        canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png");
    });
}
