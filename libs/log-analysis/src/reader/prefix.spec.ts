import { describe, expect, it } from 'vitest';
import { relayed } from './prefix.js';

describe('relayed', () => {
  it.each([
    ['web-1  | AssertionError: 1 == 2', 'AssertionError: 1 == 2'],
    ['api.v2_db | FATAL: no such role', 'FATAL: no such role'],
    ['##[error]TypeError: x is not a function', 'TypeError: x is not a function'],
    ['#12 3.412 npm error code ERESOLVE', 'npm error code ERESOLVE'],
    [
      '[task 2024-05-01T10:00:01.000Z] 10:00:01     INFO - make: *** [all] Error 2',
      'make: *** [all] Error 2',
    ],
  ])('takes off what relayed the line: %s', (line, body) => {
    expect(relayed(line)).toBe(body);
  });

  it.each([
    'TEST-UNEXPECTED-FAIL | dom/test_cart.html | total is zero',
    'PROCESS-CRASH | dom/test_cart.html | application crashed',
    'TEST-PASS | dom/test_cart.html | took 3ms',
    'ERROR | the cart is empty',
  ])('keeps what a harness marks its lines with: %s', (line) => {
    expect(relayed(line)).toBe(line);
    expect(relayed(`[task 2024-05-01T10:00:01.000Z] 10:00:01     INFO - ${line}`)).toBe(line);
  });
});
