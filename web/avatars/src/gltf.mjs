// A built character as a GLB: two skinned meshes with one material, the
// skeleton, and its clips; positions 14 bits, normals 8 (KHR_mesh_quantization:
// meshopt's and Draco's decoders are WebAssembly, which the box's policy refuses).
import { Document, Logger, NodeIO } from "@gltf-transform/core";
import { KHRMeshQuantization } from "@gltf-transform/extensions";
import { dedup, prune, quantize, reorder, resample } from "@gltf-transform/functions";
import { MeshoptEncoder } from "meshoptimizer";
import { add, clamp, quaternionFromEuler, dot } from "./shape/math.mjs";

const FRAMES_PER_SECOND = 20;

/**
 * @param {import("./character.mjs").Character} character
 * @param {Record<string, import("./motion.mjs").Clip>} clips
 * @returns {Promise<Uint8Array>}
 */
export async function toGLB(character, clips) {
  const doc = new Document().setLogger(new Logger(Logger.Verbosity.WARN));
  const buffer = doc.createBuffer();
  const accessor = (type, array) => doc.createAccessor().setType(type).setArray(array).setBuffer(buffer);
  doc.getRoot().getAsset().generator = "bwenge avatars";
  doc.getRoot().getAsset().copyright = "The Bwenge project";

  const { skin, nodes } = skeleton(doc, accessor, character.rig);
  const scene = doc.createScene(character.name).addChild(nodes[0]);
  doc.getRoot().setDefaultScene(scene);
  const material = doc.createMaterial("toon").setRoughnessFactor(0.8).setMetallicFactor(0);
  for (const [name, data] of Object.entries(character.build())) {
    const mesh = doc.createMesh(name).addPrimitive(primitive(doc, accessor, data).setMaterial(material));
    if (data.morphs.length > 0) {
      mesh.setWeights(data.morphs.map(() => 0)).setExtras({ targetNames: data.morphs.map((m) => m.name) });
    }
    scene.addChild(doc.createNode(name).setMesh(mesh).setSkin(skin));
  }
  for (const [name, clip] of Object.entries(clips)) animation(doc, accessor, character.rig, nodes, name, clip);

  await MeshoptEncoder.ready;
  await doc.transform(
    resample({ tolerance: 1e-4 }),
    dedup(),
    prune({ keepAttributes: true, keepLeaves: true }),
    reorder({ encoder: MeshoptEncoder }),
    quantize({ quantizePosition: 14, quantizeNormal: 8, quantizeWeight: 8 }),
  );
  return new NodeIO().registerExtensions([KHRMeshQuantization]).writeBinary(doc);
}

function skeleton(doc, accessor, rig) {
  const nodes = rig.bones.map((bone) => doc.createNode(bone.name).setTranslation(rig.offset(bone.name)));
  const inverse = new Float32Array(16 * nodes.length);
  const skin = doc.createSkin("rig").setSkeleton(nodes[0]);
  rig.bones.forEach(({ parent, head }, i) => {
    if (parent) nodes[rig.index.get(parent)].addChild(nodes[i]);
    skin.addJoint(nodes[i]);
    inverse.set([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, -head[0], -head[1], -head[2], 1], i * 16);
  });
  skin.setInverseBindMatrices(accessor("MAT4", inverse));
  return { skin, nodes };
}

function primitive(doc, accessor, data) {
  const Index = data.count < 65536 ? Uint16Array : Uint32Array;
  const result = doc
    .createPrimitive()
    .setIndices(accessor("SCALAR", new Index(data.triangles)))
    .setAttribute("POSITION", accessor("VEC3", new Float32Array(data.positions)))
    .setAttribute("NORMAL", accessor("VEC3", new Float32Array(data.normals)))
    .setAttribute("COLOR_0", accessor("VEC4", bytes(data.colours)).setNormalized(true))
    .setAttribute("JOINTS_0", accessor("VEC4", new Uint8Array(data.joints)))
    .setAttribute("WEIGHTS_0", accessor("VEC4", weightBytes(data.weights)).setNormalized(true));
  for (const { name, positions, normals } of data.morphs) {
    result.addTarget(
      doc
        .createPrimitiveTarget(name)
        .setAttribute("POSITION", accessor("VEC3", new Float32Array(positions)))
        .setAttribute("NORMAL", accessor("VEC3", new Float32Array(normals))),
    );
  }
  return result;
}

const bytes = (values) => new Uint8Array(values.map((x) => Math.round(clamp(x) * 255)));

/** Weights in bytes whose four sum to exactly 255, as the validator asks. */
export function weightBytes(weights) {
  const result = new Uint8Array(weights.length);
  for (let i = 0; i < weights.length; i += 4) {
    const four = weights.slice(i, i + 4).map((w) => Math.round(w * 255));
    four[0] += 255 - four.reduce((a, b) => a + b); // the largest takes what rounding left
    result.set(four, i);
  }
  return result;
}

function animation(doc, accessor, rig, nodes, name, clip) {
  const result = doc.createAnimation(name);
  const frames = Math.max(2, Math.round(clip.seconds * FRAMES_PER_SECOND) + 1);
  const times = Array.from({ length: frames }, (_, i) => (i * clip.seconds) / (frames - 1));
  const input = accessor("SCALAR", new Float32Array(times));
  const channel = (bone, path, type, values) => {
    const sampler = doc
      .createAnimationSampler()
      .setInput(input)
      .setOutput(accessor(type, new Float32Array(values.flat())))
      .setInterpolation("LINEAR");
    const node = nodes[rig.index.get(bone)];
    result.addSampler(sampler);
    result.addChannel(doc.createAnimationChannel().setTargetNode(node).setTargetPath(path).setSampler(sampler));
  };
  for (const [bone, turn] of Object.entries(clip.turns)) {
    if (rig.index.has(bone)) channel(bone, "rotation", "VEC4", shortestPath(times.map(turn)));
  }
  for (const [bone, move] of Object.entries(clip.moves)) {
    channel(
      bone,
      "translation",
      "VEC3",
      times.map((t) => add(rig.offset(bone), move(t))),
    );
  }
}

/** Quaternions (or Euler angles) as quaternions, each on the same side as the one before. */
function shortestPath(turns) {
  let previous = null;
  return turns.map((turn) => {
    let q = turn.length === 3 ? quaternionFromEuler(turn) : turn;
    if (previous && dot(q, previous) + q[3] * previous[3] < 0) q = q.map((x) => -x);
    previous = q;
    return q;
  });
}
