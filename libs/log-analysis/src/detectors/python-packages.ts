import type { Detector } from './detector.js';

/** pip, uv, poetry, pipenv, conda, setuptools, hatch, PyPI uploads. */
export const pythonPackages: Detector = {
  family: 'python-packages',
  rules: [
    {
      id: 'pip.no-version',
      near: ['could not find a version that satisfies'],
      pattern:
        /ERROR: (?<message>Could not find a version that satisfies the requirement (?<code>[^\s(]{1,120}).*)/,
      weight: 93,
      category: 'dependency',
      subcategory: 'unresolvable_package',
    },
    {
      id: 'pip.no-distribution',
      near: ['no matching distribution found'],
      pattern: /ERROR: (?<message>No matching distribution found for .*)/,
      weight: 90,
      category: 'dependency',
      subcategory: 'unresolvable_package',
    },
    {
      id: 'pip.conflict',
      near: ['conflicting dependencies', 'resolutionimpossible', 'resolution-too-deep'],
      pattern:
        /(?<message>(?:ERROR: )?Cannot install .{1,400} because these package versions have conflicting dependencies.*|ERROR: ResolutionImpossible.*|error: resolution-too-deep.*)/,
      weight: 93,
      category: 'dependency',
      subcategory: 'version_conflict',
      context: { before: 1, after: 10 },
    },
    {
      id: 'pip.python-version',
      near: ['requires a different python'],
      pattern: /ERROR: (?<message>(?:Package )?.{1,200} requires a different Python: .*)/,
      weight: 93,
      category: 'dependency',
      subcategory: 'python_version',
    },
    {
      id: 'pip.hashes',
      near: ['in --require-hashes mode', 'packages do not match the hashes', 'hashes are required in'],
      pattern:
        /ERROR: (?<message>In --require-hashes mode, .*|THESE PACKAGES DO NOT MATCH THE HASHES.*|Hashes are required in --require-hashes mode.*)/,
      weight: 93,
      category: 'dependency',
      subcategory: 'pip_hash_mode',
      context: { before: 1, after: 6 },
    },
    {
      id: 'pip.requirements',
      near: ['could not open requirements file', 'invalid requirement', 'double requirement given'],
      pattern:
        /ERROR: (?<message>(?:Could not open requirements file|Invalid requirement|Double requirement given).*)/,
      weight: 92,
      category: 'dependency',
      subcategory: 'requirements_file',
    },
    {
      id: 'pip.not-installable',
      near: [
        'is not installable',
        'does not appear to be a python project',
        'invalid editable',
        'is not a valid editable',
      ],
      pattern:
        /ERROR: (?<message>.{1,300}(?:is not installable\.|does not appear to be a Python project|is not a valid editable requirement).*)/,
      weight: 92,
      category: 'build_config',
      subcategory: 'python_project',
    },
    {
      id: 'pip.externally-managed',
      near: ['externally-managed-environment'],
      pattern: /^\s{0,4}(?:error|×):? ?externally-managed-environment|This environment is externally managed/,
      weight: 92,
      category: 'workflow_config',
      subcategory: 'externally_managed_python',
    },
    {
      id: 'pip.wheel',
      near: [
        'failed building wheel',
        'could not build wheels',
        'failed to build installable wheels',
        'failed-wheel-build',
      ],
      pattern:
        /(?<message>(?:ERROR: )?(?:Failed building wheel for|Could not build wheels for|Failed to build installable wheels for).*)/,
      weight: 80,
      category: 'dependency',
      subcategory: 'package_build_failed',
      context: { before: 6, after: 3 },
    },
    {
      id: 'pip.subprocess',
      near: ['subprocess-exited-with-error', 'metadata-generation-failed'],
      pattern:
        /^\s{0,6}(?:error: subprocess-exited-with-error|ERROR: .{1,80}metadata-generation-failed|error: metadata-generation-failed)/,
      weight: 66,
      category: 'dependency',
      subcategory: 'package_build_failed',
      context: { before: 1, after: 12 },
    },
    {
      id: 'pip.incompatible',
      near: [' but you have ', 'which is incompatible'],
      pattern:
        /^(?:ERROR: )?\S{1,120} \S{1,60} (?:requires|has requirement) .{1,200}, but you(?:'ll)? have .*/,
      weight: 52,
      category: 'dependency',
      subcategory: 'version_conflict',
    },
    {
      id: 'pip.missing-header',
      near: [
        'mysql_config not found',
        'pg_config executable not found',
        'could not find cmake',
        'rust not found',
      ],
      pattern:
        /^(?<message>.{0,1000}?(?:mysql_config not found|pg_config executable not found|Could not find CMake|Rust not found).*)/i,
      weight: 92,
      category: 'dependency',
      subcategory: 'system_dependency_missing',
    },
    {
      id: 'pip.pkg-resources',
      tool: 'setuptools',
      near: ['distributionnotfound', 'contextualversionconflict'],
      pattern:
        /(?<code>pkg_resources\.(?:DistributionNotFound|ContextualVersionConflict|VersionConflict)): (?<message>.*)/,
      weight: 91,
      category: 'dependency',
      subcategory: 'version_conflict',
    },
    {
      id: 'uv.no-solution',
      near: ['no solution found when resolving'],
      pattern: /(?<message>No solution found when resolving .*)/,
      weight: 92,
      category: 'dependency',
      subcategory: 'version_conflict',
      context: { before: 0, after: 8 },
    },
    {
      id: 'uv.lock',
      near: [
        'lockfile at `uv.lock` needs to be updated',
        'unable to find lockfile at `uv.lock`',
        'failed to parse `uv.lock`',
      ],
      pattern:
        /(?<message>(?:The lockfile at `uv\.lock` needs to be updated|Unable to find lockfile at `uv\.lock`|Failed to parse `uv\.lock`).*)/,
      weight: 94,
      category: 'dependency',
      subcategory: 'lockfile',
      suggestion: 'uv lock',
    },
    {
      id: 'uv.build',
      near: ['failed to build `', 'failed to download and build', 'failed to prepare distributions'],
      pattern: /(?<message>Failed to (?:build `|download and build|prepare distributions).*)/,
      weight: 76,
      category: 'dependency',
      subcategory: 'package_build_failed',
      context: { before: 0, after: 12 },
    },
    {
      id: 'uv.missing',
      near: [
        'failed to spawn: `',
        'no interpreter found for',
        'distribution not found at',
        'no virtual environment found',
      ],
      pattern:
        /(?<message>(?:Failed to spawn: `|No interpreter found for|Distribution not found at|No virtual environment found).*)/,
      weight: 90,
      category: 'dependency',
      subcategory: 'missing_tool',
    },
    {
      id: 'uv.project',
      near: [
        'no `pyproject.toml` found',
        'failed to parse: `pyproject.toml`',
        'failed to parse `pyproject.toml`',
      ],
      pattern:
        /(?<message>(?:No `pyproject\.toml` found|[Ff]ailed to parse:? `?\S{0,200}pyproject\.toml`?).*)/,
      weight: 91,
      category: 'build_config',
      subcategory: 'python_project',
    },
  ],
};
