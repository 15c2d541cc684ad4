import type { Detector } from './detector.js';

/** Maven, Gradle, javac, kotlinc, JUnit, checkstyle, spotbugs, Android. */
export const jvm: Detector = { family: 'jvm', rules: [] };
