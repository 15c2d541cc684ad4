import type { Detector } from './detector.js';

/** dotnet, MSBuild, NuGet, NUnit, xUnit. */
export const dotnet: Detector = { family: 'dotnet', rules: [] };
