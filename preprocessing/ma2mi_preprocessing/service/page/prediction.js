// What a model says of the clip: probabilities, and a heat map over the face at the apex.

const STRONGEST = 0.75;

export async function showPrediction(by, make, found, face) {
  by("prediction").hidden = !found;
  if (!found) return;
  const likeliest = Object.entries(found.probabilities).sort(([, one], [, other]) => other - one);
  by("classes").replaceChildren(...likeliest.map(([name, value]) => {
    const words = `${name}: ${(100 * value).toFixed(1)} %`;
    return make("li", {}, make("span", { textContent: words }),
      make("meter", { value, min: 0, max: 1, ariaLabel: words }));
  }));
  const notes = [`Model: ${found.model}. Warm places speak for ${found.label}.`, ...found.notes];
  by("model-notes").replaceChildren(...notes.map((words) => make("li", { textContent: words })));
  draw(by("heat"), found.heat_map, await face());
}

function draw(canvas, heat, face) {
  const context = canvas.getContext("2d");
  context.drawImage(face, 0, 0, canvas.width, canvas.height);
  const most = Math.max(...heat.flat(), 1e-9);
  const small = new OffscreenCanvas(heat[0].length, heat.length);
  const pixels = new ImageData(heat[0].length, heat.length);
  heat.flat().forEach((value, place) => {
    // What speaks against the label is left out.
    const strength = Math.max(0, value / most);
    pixels.data.set([255, 90, 0, 255 * STRONGEST * strength], 4 * place);
  });
  small.getContext("2d").putImageData(pixels, 0, 0);
  context.imageSmoothingEnabled = true;
  context.drawImage(small, 0, 0, canvas.width, canvas.height);
}
