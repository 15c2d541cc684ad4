import type { Detector } from './detector.js';

/** RSpec, minitest, Bundler, RuboCop; PHPUnit, Composer, PHPStan. */
export const rubyPhp: Detector = { family: 'ruby-php', rules: [] };
