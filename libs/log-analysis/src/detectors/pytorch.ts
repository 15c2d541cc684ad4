import type { Detector } from './detector.js';

/** PyTorch's `run_test.py` and benchmark checks, whose wording its forks and extensions share. */
export const pytorch: Detector = {
  family: 'pytorch',
  rules: [
    {
      id: 'torch-run-test.signal',
      near: ['failed! received signal'],
      pattern: /^(?<test>\S{1,200}(?: \d{1,3}\/\d{1,3})?) failed! Received signal: (?<code>SIG\w{2,8})/,
      weight: 92,
      category: 'test_failure',
      subcategory: 'crash_signal',
      test: true,
    },
    {
      id: 'torch-run-test.consistent',
      near: ['failed consistently: '],
      pattern: /^FAILED CONSISTENTLY: (?<test>\S{1,400})/,
      weight: 90,
      category: 'test_failure',
      test: true,
    },
    {
      id: 'torch-run-test.file',
      near: [' failed!'],
      pattern: /^(?<test>\S{1,200} \d{1,3}\/\d{1,3}) failed!$/,
      weight: 62,
      category: 'test_failure',
    },
    {
      id: 'torch-bench.expectation',
      tool: 'torch-bench',
      near: [' fail: '],
      and: ['expected='],
      pattern: /^\S{2,80}\s{2,60}FAIL:\s{1,30}\w{2,40}=\S{1,40}, expected=\S{1,40}/,
      weight: 88,
      category: 'quality',
      subcategory: 'performance_regression',
      context: { before: 0, after: 3 },
    },
    {
      id: 'torch-bench.regression',
      near: ['regression: benchmark'],
      pattern: /^REGRESSION: (?<message>benchmark .*)/,
      weight: 90,
      category: 'quality',
      subcategory: 'performance_regression',
    },
  ],
};
