import js from "@eslint/js";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import path from "node:path";
import tseslint from "typescript-eslint";

/** File names are kebab-case, so that they are the same on every system. */
const fileNames = {
  meta: { type: "suggestion", schema: [], messages: { name: "File names are kebab-case: {{name}}" } },
  create(context) {
    return {
      Program(node) {
        const name = path.basename(context.filename);
        if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)+$/.test(name)) {
          context.report({ node, messageId: "name", data: { name } });
        }
      },
    };
  },
};

// Imports flow one way: app → features → ui → api, lib. Within a folder they
// are relative, across folders they start with "@/".
const features = ["ask", "material", "viewer", "signin", "people", "tutors"];
const layer = (files, forbidden, why) => ({
  files,
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: [
          { group: ["../*", "!../*.svg"], message: 'Across folders, import from "@/…".' },
          ...(forbidden.length > 0 ? [{ group: forbidden, message: why }] : []),
        ],
      },
    ],
  },
});

export default tseslint.config(
  {
    ignores: [
      "dist",
      "node_modules",
      "src/api/types.gen.ts",
      "avatars/node_modules",
      "test-results",
      "playwright-report",
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  jsxA11y.flatConfigs.strict,
  reactHooks.configs.flat["recommended-latest"],
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    plugins: { bwenge: { rules: { "file-names": fileNames } } },
    rules: {
      "bwenge/file-names": "error",
      "@typescript-eslint/no-unused-vars": ["error", { varsIgnorePattern: "^_", argsIgnorePattern: "^_" }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreVoidOperator: true }],
      "no-console": "error",
      eqeqeq: "error",
    },
  },
  layer(["src/lib/*.{ts,tsx}"], ["@/api/*", "@/ui/*", "@/features/**", "@/app/*"], "lib knows nothing of the app."),
  layer(["src/api/*.{ts,tsx}"], ["@/ui/*", "@/features/**", "@/app/*"], "api knows the wire, not the screens."),
  layer(["src/ui/*.{ts,tsx}"], ["@/api/*", "@/features/**", "@/app/*"], "ui shows what it is given."),
  ...features.map((name) =>
    layer(
      [`src/features/${name}/**/*.{ts,tsx}`],
      ["@/app/*", ...features.filter((other) => other !== name).map((other) => `@/features/${other}/**`)],
      "A feature does not know the others; they meet in app, and by address.",
    ),
  ),
  layer(["src/app/*.{ts,tsx}"], [], ""),
  { files: ["**/*.js", "**/*.mjs"], ...tseslint.configs.disableTypeChecked },
  {
    files: ["scripts/*.mjs", "avatars/src/*.mjs", "avatars/test/*.mjs"],
    languageOptions: { globals: { console: "readonly", process: "readonly", Buffer: "readonly", URL: "readonly" } },
    rules: { "no-console": "off" },
  },
  {
    files: ["avatars/viewer/*.js", "avatars/src/sheet.mjs"],
    languageOptions: { globals: { window: "readonly", document: "readonly" } },
  },
);
