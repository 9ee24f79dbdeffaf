// Draws a character in given poses onto one sheet. src/sheet.mjs drives it
// through window.viewer.
import * as THREE from "three";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import { background, contactShadow, lights, toonMaterial } from "./look.js";

const RADIANS = Math.PI / 180;
const LABEL_HEIGHT = 22;

const renderer = new THREE.WebGLRenderer({ antialias: true, preserveDrawingBuffer: true });
const scene = new THREE.Scene();
scene.add(background(), contactShadow(), ...lights());
const camera = new THREE.PerspectiveCamera(28, 1, 0.05, 30);
let model;
let mixer;
let meshes = [];
let bindPose = [];

async function load(url) {
  if (model) scene.remove(model.scene);
  model = await new GLTFLoader().loadAsync(url);
  const material = toonMaterial();
  meshes = [];
  bindPose = [];
  model.scene.traverse((node) => {
    // skeleton.pose() would be wrong: it undoes the quantised skin's scale too.
    bindPose.push([node, node.position.clone(), node.quaternion.clone()]);
    if (!node.isMesh) return;
    node.frustumCulled = false;
    node.material = material;
    meshes.push(node);
  });
  scene.add(model.scene);
  mixer = new THREE.AnimationMixer(model.scene);
  return model.animations.map((clip) => ({ name: clip.name, seconds: clip.duration }));
}

function pose({ morphs = {}, clip, time = 0 }) {
  mixer.stopAllAction();
  for (const [node, position, quaternion] of bindPose) {
    node.position.copy(position);
    node.quaternion.copy(quaternion);
  }
  if (clip) {
    mixer.clipAction(THREE.AnimationClip.findByName(model.animations, clip)).play();
    mixer.setTime(time);
  }
  for (const mesh of meshes) {
    if (!mesh.morphTargetDictionary) continue;
    mesh.morphTargetInfluences.fill(0);
    for (const [name, weight] of Object.entries(morphs)) {
      const index = mesh.morphTargetDictionary[name];
      if (index !== undefined) mesh.morphTargetInfluences[index] = weight;
    }
  }
}

/** `around` and `above` in degrees from straight ahead, `distance` from a point at height `at`, in metres. */
function look({ around = 0, above = 4, distance = 2.7, at = 0.62 }) {
  const [a, e] = [around * RADIANS, above * RADIANS];
  camera.position.set(
    Math.sin(a) * Math.cos(e) * distance,
    at + Math.sin(e) * distance,
    Math.cos(a) * Math.cos(e) * distance,
  );
  camera.lookAt(0, at, 0);
}

/** Draws the cells row by row. @returns {{ image: string, calls: number, triangles: number }} image as a data: URL */
function sheet({ cells, columns, width, height }) {
  renderer.setSize(width, height);
  camera.aspect = width / height;
  camera.updateProjectionMatrix();
  const canvas = document.createElement("canvas");
  canvas.width = width * columns;
  canvas.height = (height + LABEL_HEIGHT) * Math.ceil(cells.length / columns);
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = "#222";
  context.font = "14px sans-serif";
  cells.forEach((cell, i) => {
    pose(cell);
    look(cell);
    renderer.render(scene, camera);
    const [x, y] = [(i % columns) * width, Math.floor(i / columns) * (height + LABEL_HEIGHT)];
    context.drawImage(renderer.domElement, x, y);
    context.fillText(cell.label, x + 6, y + height + 16);
  });
  const { calls, triangles } = renderer.info.render;
  return { image: canvas.toDataURL("image/png"), calls, triangles };
}

window.viewer = { load, sheet };
