import assert from "node:assert/strict";
import { test } from "node:test";
import { NodeIO } from "@gltf-transform/core";
import { KHRMeshQuantization } from "@gltf-transform/extensions";
import validator from "gltf-validator";
import { CHARACTERS } from "../src/characters/index.mjs";
import { toGLB, weightBytes } from "../src/gltf.mjs";

const make = (name) => CHARACTERS[name]({ coarseness: 2.5 });
const bytesOf = async (name) => {
  const { character, clips } = make(name);
  return toGLB(character, clips);
};

test("weights in bytes sum to 255", () => {
  for (const four of [[1, 0, 0, 0], [0.34, 0.33, 0.33, 0], [0.25, 0.25, 0.25, 0.25], [0.5, 0.3, 0.15, 0.05]]) // prettier-ignore
    assert.equal(weightBytes(four).reduce((a, b) => a + b), 255); // prettier-ignore
});

for (const name of Object.keys(CHARACTERS)) {
  test(`${name}: the same bytes every time`, async () => {
    const [first, second] = [await bytesOf(name), await bytesOf(name)];
    assert.ok(Buffer.from(first).equals(Buffer.from(second)));
  });

  test(`${name}: a valid GLB of two draw calls, nothing outside it`, async () => {
    const { issues, info } = await validator.validateBytes(await bytesOf(name));
    assert.equal(issues.numErrors + issues.numWarnings, 0, JSON.stringify(issues.messages));
    assert.equal(info.drawCallCount, 2);
    assert.equal(info.animationCount, 12);
    assert.deepEqual(info.extensionsRequired, ["KHR_mesh_quantization"]);
    assert.equal(info.resources.length, 1);
    assert.equal(info.resources[0].storage, "glb");
  });

  test(`${name}: quantised, and within a tenth of a millimetre of what was modelled`, async () => {
    const doc = await new NodeIO().registerExtensions([KHRMeshQuantization]).readBinary(await bytesOf(name));
    const modelled = make(name).character.build();
    for (const node of doc
      .getRoot()
      .listNodes()
      .filter((n) => n.getMesh())) {
      const [primitive] = node.getMesh().listPrimitives();
      const positions = primitive.getAttribute("POSITION");
      assert.ok(positions.getArray() instanceof Int16Array || positions.getArray() instanceof Uint16Array);
      assert.ok(primitive.getAttribute("NORMAL").getArray() instanceof Int8Array);
      // A skin's own matrices undo the quantisation: bind pose × inverse bind is the scale and shift.
      const skin = node.getSkin();
      const inverse = skin.getInverseBindMatrices().getElement(0, []);
      const joint = skin.listJoints()[0].getWorldMatrix();
      const place = (p) => [0, 1, 2].map((i) => joint[12 + i] + inverse[12 + i] + p[i] * inverse[i * 5]);
      const low = place(positions.getMinNormalized([]));
      const high = place(positions.getMaxNormalized([]));
      const flat = modelled[node.getName()].positions;
      for (let i = 0; i < 3; i++) {
        const values = flat.filter((_, k) => k % 3 === i);
        assert.ok(Math.abs(low[i] - Math.min(...values)) < 1e-4, `${node.getName()} low ${String(i)}`);
        assert.ok(Math.abs(high[i] - Math.max(...values)) < 1e-4, `${node.getName()} high ${String(i)}`);
      }
    }
  });
}
