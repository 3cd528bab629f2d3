"use strict";
// The viewer: NiiVue draws volumes; this says which, with names, colors and keys. Each element of class "viewer" holds the
// JSON that ViewedCase.Pack writes.
(() => {
  const PLANES = { axial: 0, coronal: 1, sagittal: 2, planes: 3, solid: 4 };
  const KEYS = [
    ["1 to 9", "show this layer; with Shift, in the second picture"],
    ["0", "show the image alone"],
    ["B", "two pictures, side by side"],
    ["P", "three planes and 3D"],
    ["A, C, S", "axial, coronal or sagittal plane"],
    ["D", "3D alone"],
    ["I", "image in 3D"],
    ["O", "outlines around structures"],
    ["+, −", "more or less opaque"],
    ["R", "the patient's right on the left or on the right"],
    ["arrows, Page Up, Page Down", "move the crosshair by a voxel"],
    ["H", "this list"],
  ];
  const MOUSE = "Click or drag to move the crosshair; scroll to change the slice. Drag over a region with the right button to " +
    "adapt brightness and contrast to it. In 3D, drag to turn and scroll to zoom. Double-click resets brightness.";

  let library;
  const niivue = () => library ??= (async () => {
    const packed = Uint8Array.from(atob(document.getElementById("niivue").textContent), (letter) => letter.charCodeAt(0));
    const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.src = URL.createObjectURL(new Blob([await new Response(unpacked).blob()], { type: "text/javascript" }));
    await new Promise((loaded, failed) => {
      script.onload = loaded;
      script.onerror = failed;
      document.head.append(script);
    });
    return window.niivue;
  })();

  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const channels = (color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  const columns = (colors) => ({ R: colors.map(([red]) => red), G: colors.map(([, green]) => green), B: colors.map(([, , blue]) => blue) });

  // NiiVue's table of colors by label.
  const table = (entries) => {
    const all = [{ value: 0, name: "", color: "#000000" }, ...entries];
    return { ...columns(all.map(({ color }) => channels(color))), I: all.map(({ value }) => value), labels: all.map(({ name }) => name) };
  };

  // A picture: NiiVue on a canvas, with one layer over the image.
  class Picture {
    constructor(viewer, shown) {
      this.viewer = viewer;
      this.choice = make("select", { title: "What is shown over the image" },
        make("option", { value: 0, textContent: "image" }),
        ...viewer.layers.map((layer, i) => make("option", { value: i + 1, textContent: layer.name })));
      this.choice.onchange = () => this.show(Number(this.choice.value));
      this.canvas = make("canvas");
      this.element = make("div", { className: "picture-pane" }, this.choice, make("div", { className: "canvas" }, this.canvas));
      this.shown = shown;
    }

    async open() {
      const { Niivue, NVImage } = await niivue();
      const { layers, image } = this.viewer;
      const nv = this.nv = new Niivue({
        backColor: [0, 0, 0, 1], crosshairColor: [0.9, 0.9, 0.9, 0.6], crosshairWidth: 0.4, crosshairWidthUnit: "percent", sagittalNoseLeft: true,
        isRadiologicalConvention: true, multiplanarLayout: 2, multiplanarShowRender: 1, multiplanarPadPixels: 4, showLegend: false,
        dragAndDropEnabled: false, clipPlaneHotKey: "", cycleClipPlaneHotKey: "", viewModeHotKey: "", logLevel: "error",
      });
      await nv.attachToCanvas(this.canvas);
      nv.addVolume(await NVImage.loadFromBase64({ base64: image, name: "image.nii.gz", colormap: "gray", cal_min: 0, cal_max: 255 }));
      for (const [i, { file, entries, scale }] of layers.entries()) {
        const volume = await NVImage.loadFromBase64({ base64: file, name: `${i}.nii.gz`, opacity: 0 });
        if (entries) volume.setColormapLabel(table(entries));
        if (scale) {
          // What is not cartilage is 0, and transparent.
          const colors = [scale.colors[0], ...scale.colors].map(channels);
          nv.addColormap("scale", {
            ...columns(colors), A: colors.map((_, place) => (place ? 255 : 0)),
            I: colors.map((_, place) => (place ? 1 + Math.round(254 * (place - 1) / (colors.length - 2)) : 0)),
          });
          volume.colormap = "scale";
          [volume.cal_min, volume.cal_max] = [scale.low, scale.high];
        }
        nv.addVolume(volume);
      }
      this.voxels = nv.volumes.slice(1).map((volume) => volume.img);
      nv.onLocationChange = (place) => this.viewer.tell(place);
      nv.setScale(1.3);
      this.show(this.shown);
      nv.createOnLocationChange();
    }

    show(layer) {
      this.shown = layer;
      this.choice.value = layer;
      this.viewer.drawLegend();
      this.draw();
    }

    draw() {
      const { nv, viewer } = this;
      if (!nv) return;
      viewer.layers.forEach(({ entries }, i) => {
        const volume = nv.volumes[i + 1];
        volume.opacity = this.shown === i + 1 ? viewer.opacity : 0;
        // Without their voxels, hidden structures have no outlines either.
        const hidden = new Set((entries ?? []).filter(({ name }) => viewer.hidden.has(name)).map(({ value }) => value));
        volume.img = hidden.size ? this.voxels[i].map((value) => (hidden.has(value) ? 0 : value)) : this.voxels[i];
      });
      Object.assign(nv.opts, {
        atlasOutline: viewer.outlines ? 1 : 0, isRadiologicalConvention: viewer.rightOnLeft, sliceType: PLANES[viewer.view],
      });
      nv.updateGLVolume();
      // Opacities of their own in 3D: structures are solid, and the image does not hide them.
      const { renderShader, gl } = nv;
      renderShader.use(gl);
      gl.uniform1f(renderShader.uniforms.backOpacity, viewer.solidImage || this.shown === 0 ? 0.6 : 0);
      gl.uniform1f(renderShader.uniforms.renderOverlayBlend, 0.999 / Math.max(0.01, viewer.opacity));
      nv.drawScene();
    }
  }

  class Viewer {
    constructor(host, { image, layers }) {
      Object.assign(this, { host, image, layers, view: "planes", opacity: 0.6, outlines: false, rightOnLeft: true, solidImage: false });
      this.hidden = new Set();
      this.pictures = [new Picture(this, layers.length ? 1 : 0)];
      this.panes = make("div", { className: "panes" }, this.pictures[0].element);
      this.legend = make("div", { className: "entries" });
      this.place = make("output", { className: "place" });
      this.help = make("div", { className: "keys", hidden: true }, this.keys(), make("p", { textContent: MOUSE }));
      host.replaceChildren(this.toolbar(), this.help, this.panes, this.legend, this.place);
      host.tabIndex = 0;
      // Before NiiVue's own keys, which would do something else.
      host.addEventListener("keydown", (event) => this.press(event), true);
      host.addEventListener("keyup", (event) => event.stopPropagation(), true);
    }

    async open() {
      this.host.dataset.state = "opening";
      await this.pictures[0].open();
      this.host.dataset.state = "open";
      this.host.focus({ preventScroll: true });
    }

    keys() {
      return make("dl", {}, ...KEYS.flatMap(([key, does]) => [make("dt", { textContent: key }), make("dd", { textContent: does })]));
    }

    toolbar() {
      const button = (key, name, title = name) =>
        make("button", { type: "button", textContent: name, title: `${title} (${key.toUpperCase()})`, onclick: () => this.act(key) });
      this.slider = make("input", {
        type: "range", min: 0, max: 1, step: 0.05, value: this.opacity, title: "Opacity (+, −)",
        oninput: () => this.fade(Number(this.slider.value)),
      });
      return make("div", { className: "tools" },
        button("p", "planes and 3D"), button("a", "axial"), button("c", "coronal"), button("s", "sagittal"), button("d", "3D"),
        button("b", "side by side"), button("o", "outlines"), button("i", "image in 3D"), button("r", "left/right", "swap left and right"),
        make("label", {}, "opacity ", this.slider), button("h", "keys", "keys and mouse"));
    }

    press(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select, input")) return;
      event.stopPropagation();
      const digit = /^Digit(\d)$/.exec(event.code);
      if (digit && Number(digit[1]) <= this.layers.length) this.choose(Number(digit[1]), event.shiftKey);
      else if (!this.act(event.key.toLowerCase())) return;
      event.preventDefault();
    }

    // What a key does; false if nothing.
    act(key) {
      const step = { arrowleft: [-1, 0, 0], arrowright: [1, 0, 0], pagedown: [0, -1, 0], pageup: [0, 1, 0], arrowdown: [0, 0, -1], arrowup: [0, 0, 1] }[key];
      const view = { a: "axial", c: "coronal", s: "sagittal", p: "planes", d: "solid" }[key];
      if (step) this.pictures[0].nv?.moveCrosshairInVox(...step);
      else if (view) this.set({ view });
      else if (key === "o") this.set({ outlines: !this.outlines });
      else if (key === "i") this.set({ solidImage: !this.solidImage });
      else if (key === "r") this.set({ rightOnLeft: !this.rightOnLeft });
      else if (key === "+" || key === "=") this.fade(this.opacity + 0.1);
      else if (key === "-") this.fade(this.opacity - 0.1);
      else if (key === "h" || key === "?") this.help.hidden = !this.help.hidden;
      else if (key === "b") this.split();
      else return false;
      return true;
    }

    set(change) {
      Object.assign(this, change);
      this.pictures.forEach((picture) => picture.draw());
    }

    fade(opacity) {
      this.set({ opacity: Math.min(1, Math.max(0, opacity)) });
      this.slider.value = this.opacity;
    }

    async choose(layer, second) {
      if (second && this.pictures.length === 1) await this.split();
      this.pictures[second ? 1 : 0].show(layer);
    }

    async split() {
      if (this.pictures.length > 1) {
        this.pictures.pop().element.remove();
        this.pictures[0].nv.broadcastTo([]);
        this.drawLegend();
        return;
      }
      const first = this.pictures[0];
      const second = new Picture(this, first.shown < this.layers.length ? first.shown + 1 : 0);
      this.pictures.push(second);
      this.panes.append(second.element);
      await second.open();
      first.nv.broadcastTo([second.nv]);
      second.nv.broadcastTo([first.nv]);
    }

    drawLegend() {
      const shown = this.pictures.map((picture) => this.layers[picture.shown - 1]).filter(Boolean);
      const entries = new Map(shown.flatMap((layer) => layer.entries ?? []).map((entry) => [entry.name, entry]));
      const scale = shown.find((layer) => layer.scale)?.scale;
      this.legend.replaceChildren(
        ...[...entries.values()].map((entry) => {
          const box = make("input", { type: "checkbox", checked: !this.hidden.has(entry.name) });
          box.onchange = () => {
            this.hidden[box.checked ? "delete" : "add"](entry.name);
            this.set({});
          };
          const chip = make("i", { className: "chip" });
          chip.style.background = entry.color;
          return make("label", {}, box, chip, entry.name);
        }),
        ...(scale ? [this.bar(scale)] : []));
    }

    bar({ low, high, colors }) {
      const strip = make("i", { className: "strip" });
      strip.style.background = `linear-gradient(to right, ${colors.join(", ")})`;
      return make("span", {}, `${low} `, strip, ` ${high} mm`);
    }

    // What is under the crosshair, in all layers.
    tell({ mm, values }) {
      const found = this.layers.map(({ name, entries, scale }, i) => {
        const value = values[i + 1]?.value ?? 0;
        if (scale) return value > 0 ? `${name} ${value.toFixed(1)} mm` : null;
        const entry = entries.find((one) => one.value === Math.round(value));
        return entry ? `${name}: ${entry.name}` : null;
      });
      const [x, y, z] = [...mm].map((one) => one.toFixed(1));
      this.place.value = [`right ${x}, anterior ${y}, superior ${z} mm`, ...found.filter(Boolean)].join(" · ");
    }
  }

  for (const host of document.querySelectorAll(".viewer")) {
    const open = async () => {
      const viewer = new Viewer(host, JSON.parse(host.querySelector("script").textContent));
      try {
        await viewer.open();
      } catch (error) {
        host.dataset.state = "failed";
        host.replaceChildren(make("p", { textContent: `This browser can't show the case: ${error.message ?? error}. The viewer needs WebGL 2.` }));
      }
    };
    const button = host.querySelector("button");
    if (button) button.onclick = open;
    else open();
  }
})();
