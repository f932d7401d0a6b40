import js from "@eslint/js";
import globals from "globals";

export default [
  {
    files: ["src/ticktone/page/static/*.js", "src/ticktone/site/static/**/*.js"],
    ...js.configs.recommended,
    languageOptions: { ecmaVersion: 2022, sourceType: "module", globals: { ...globals.browser, ...globals.worker } },
  },
];
