// Records a few seconds of one's own face.

const SECONDS = 5;

export function camera(by, send, failed) {
  let stream = null;

  const close = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    by("camera-box").hidden = true;
    by("camera").hidden = false;
  };

  by("camera").addEventListener("click", async () => {
    try {
      // Browsers give the camera to pages of this machine, or over HTTPS, alone.
      if (!navigator.mediaDevices) throw new Error("this browser gives no camera to a page that came without HTTPS");
      stream = await navigator.mediaDevices.getUserMedia({ video: { frameRate: { ideal: 60 } }, audio: false });
      by("preview").srcObject = stream;
      await by("preview").play();
      by("camera-box").hidden = false;
      by("camera").hidden = true;
    } catch (error) {
      failed(error);
    }
  });

  by("camera-stop").addEventListener("click", close);

  by("record").addEventListener("click", () => {
    const parts = [];
    const recorder = new MediaRecorder(stream);
    recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
    recorder.addEventListener("stop", () => {
      close();
      send(new Blob(parts, { type: recorder.mimeType }));
    });
    by("record").disabled = true;
    recorder.start();
    setTimeout(() => {
      recorder.stop();
      by("record").disabled = false;
    }, SECONDS * 1000);
  });
}
