// How the characters are lit and shaded, the same as in the app.
import * as THREE from "three";

// Lambert's term from unlit to lit, as sRGB colours that the light is multiplied by.
const RAMP = [
  [0, [96, 84, 132]],
  [0.34, [132, 112, 148]],
  [0.54, [205, 178, 176]],
  [0.72, [248, 234, 222]],
  [1, [255, 253, 247]],
];

function rampTexture(size = 128) {
  const data = new Uint8Array(size * 4);
  for (let i = 0; i < size; i++) {
    const t = i / (size - 1);
    const next = Math.max(
      1,
      RAMP.findIndex(([stop]) => t <= stop),
    );
    const [from, a] = RAMP[next - 1];
    const [to, b] = RAMP[next];
    const x = THREE.MathUtils.smoothstep(t, from, to);
    for (let c = 0; c < 3; c++) data[i * 4 + c] = a[c] + (b[c] - a[c]) * x;
    data[i * 4 + 3] = 255;
  }
  const texture = new THREE.DataTexture(data, size, 1);
  texture.minFilter = texture.magFilter = THREE.LinearFilter;
  texture.colorSpace = THREE.SRGBColorSpace;
  texture.needsUpdate = true;
  return texture;
}

/** Toon shading by vertex colours, with a rim of light from above. */
export function toonMaterial() {
  const material = new THREE.MeshToonMaterial({ vertexColors: true, gradientMap: rampTexture() });
  material.onBeforeCompile = (shader) => {
    shader.fragmentShader = shader.fragmentShader.replace(
      "#include <opaque_fragment>",
      `float rim = pow(1.0 - clamp(dot(normalize(vViewPosition), normal), 0.0, 1.0), 3.0);
       float fromAbove = clamp(normal.y * 0.5 + 0.6, 0.0, 1.0);
       outgoingLight += rim * fromAbove * 0.55 * vec3(1.0, 0.93, 0.82) * (diffuseColor.rgb * 0.7 + 0.25);
       #include <opaque_fragment>`,
    );
  };
  return material;
}

export function lights() {
  const key = new THREE.DirectionalLight(0xfff1dc, 2.3);
  key.position.set(1.6, 2.6, 2.4);
  return [new THREE.HemisphereLight(0xe4f0ff, 0xd2a77c, 1.25), key];
}

/** A soft disc under the feet. */
export function contactShadow() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 128;
  const context = canvas.getContext("2d");
  const gradient = context.createRadialGradient(64, 64, 4, 64, 64, 62);
  gradient.addColorStop(0, "rgba(60,40,60,.55)");
  gradient.addColorStop(0.5, "rgba(60,40,60,.25)");
  gradient.addColorStop(1, "rgba(60,40,60,0)");
  context.fillStyle = gradient;
  context.fillRect(0, 0, 128, 128);
  const mesh = new THREE.Mesh(
    new THREE.PlaneGeometry(0.7, 0.56),
    new THREE.MeshBasicMaterial({ map: new THREE.CanvasTexture(canvas), transparent: true, depthWrite: false }),
  );
  mesh.rotation.x = -Math.PI / 2;
  mesh.position.y = 0.002;
  return mesh;
}

/** A full-screen quad from warm in the middle to cool outside. */
export function background() {
  const material = new THREE.ShaderMaterial({
    depthTest: false,
    depthWrite: false,
    vertexShader: "varying vec2 at; void main() { at = uv; gl_Position = vec4(position.xy, 1.0, 1.0); }",
    fragmentShader: `varying vec2 at;
      void main() {
        float d = length((at - vec2(0.5, 0.55)) * vec2(1.25, 1.0));
        vec3 colour = mix(vec3(0.98, 0.90, 0.78), vec3(0.62, 0.80, 0.86), smoothstep(0.0, 0.95, d));
        gl_FragColor = vec4(colour * (1.0 - 0.12 * smoothstep(0.35, 0.9, d)), 1.0);
      }`,
  });
  const mesh = new THREE.Mesh(new THREE.PlaneGeometry(2, 2), material);
  mesh.frustumCulled = false;
  mesh.renderOrder = -10;
  return mesh;
}
