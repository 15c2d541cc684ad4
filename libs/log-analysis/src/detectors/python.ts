import type { Detector } from './detector.js';

/** pytest, unittest, tracebacks, pip, poetry, uv, mypy, ruff, black, pylint, pre-commit. */
export const python: Detector = { family: 'python', rules: [] };
