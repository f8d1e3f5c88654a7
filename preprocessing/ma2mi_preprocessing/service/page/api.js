// Requests to the service; asks for a token where it wants one.

const STORED = "keras-ma2mi-token";

// Kept for this tab alone: a shared computer should not remember it.
let token = sessionStorage.getItem(STORED);
let asking = null;

function askForToken() {
  asking ??= new Promise((resolve) => {
    const dialog = document.getElementById("token-dialog");
    const field = document.getElementById("token");
    dialog.addEventListener(
      "close",
      () => {
        token = field.value.trim() || null;
        if (token) sessionStorage.setItem(STORED, token);
        field.value = "";
        asking = null;
        resolve();
      },
      { once: true },
    );
    dialog.showModal();
  });
  return asking;
}

export async function ask(path, options = {}) {
  const sent = { ...options, headers: { ...options.headers } };
  if (token) sent.headers.Authorization = `Bearer ${token}`;
  const answer = await fetch(path, sent);
  if (answer.status === 401) {
    sessionStorage.removeItem(STORED);
    await askForToken();
    if (!token) throw new Error("this service asks for a token");
    return ask(path, options);
  }
  if (!answer.ok) throw new Error(await reasonOf(answer));
  return answer;
}

async function reasonOf(answer) {
  try {
    const { detail } = await answer.json();
    if (typeof detail === "string") return detail;
    return detail.map((one) => `${one.loc.at(-1)}: ${one.msg}`).join("; ");
  } catch {
    return `the service answered ${answer.status}`;
  }
}

export const listClips = async () => (await ask("/v1/clips")).json();
export const getClip = async (id) => (await ask(`/v1/clips/${id}`)).json();
export const deleteClip = (id) => ask(`/v1/clips/${id}`, { method: "DELETE" });

export async function sendClip(file, options) {
  const form = new FormData();
  for (const [name, value] of Object.entries(options)) if (value !== "") form.append(name, value);
  form.append("clip", file, "clip");
  return (await ask("/v1/clips", { method: "POST", body: form })).json();
}

export const getJson = async (path) => (await ask(path)).json();
export const getBytes = async (path) => (await ask(path)).arrayBuffer();
export const getBlob = async (path) => (await ask(path)).blob();

export function motionPath(id, first, second, output, full) {
  const query = new URLSearchParams({ first, second, output });
  if (full) query.set("max_flow", full);
  return `/v1/clips/${id}/motion?${query}`;
}
