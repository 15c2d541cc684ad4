import type { Detector } from './detector.js';

/** poetry, PDM, pipenv, conda, tox, setuptools, hatch, build, twine: projects and their environments. */
export const pythonProjects: Detector = {
  family: 'python-projects',
  rules: [
    {
      id: 'poetry.lock',
      near: [
        'poetry.lock was last generated',
        'poetry.lock is not up to date',
        'poetry.lock is not compatible',
      ],
      pattern:
        /^(?<message>.{0,1000}?(?:poetry\.lock was last generated|poetry\.lock is not (?:up to date|compatible)).*)/,
      weight: 93,
      category: 'dependency',
      subcategory: 'lockfile',
      suggestion: 'poetry lock',
    },
    {
      id: 'poetry.solving',
      near: ['version solving failed', 'unable to find installation candidates', 'supported python range'],
      pattern:
        /^(?<message>.{0,1000}?(?:version solving failed|Unable to find installation candidates for|supported Python range).*)/,
      weight: 92,
      category: 'dependency',
      subcategory: 'version_conflict',
      context: { before: 6, after: 4 },
    },
    {
      id: 'poetry.invalid',
      near: ['the poetry configuration is invalid', 'poetry could not find a pyproject.toml'],
      pattern: /(?<message>The Poetry configuration is invalid.*|Poetry could not find a pyproject\.toml.*)/,
      weight: 91,
      category: 'build_config',
      subcategory: 'python_project',
    },
    {
      id: 'poetry.python',
      near: ['is not allowed by the project', 'poetry was unable to find a compatible version'],
      pattern:
        /^(?<message>(?:The c|C)urrent(?:ly activated)? Python version .{1,80} is not (?:allowed|supported) by the project.*|Poetry was unable to find a compatible version.*)/,
      weight: 92,
      category: 'dependency',
      subcategory: 'python_version',
    },
    {
      id: 'pdm.error',
      near: [
        '[pdmusageerror]',
        '[resolutionimpossible]',
        '[candidatenotfound]',
        '[projecterror]',
        '[nopythonversion]',
        '[pdmexception]',
        '[builderror]',
      ],
      pattern:
        /^\[(?<code>PdmUsageError|ResolutionImpossible|CandidateNotFound|ProjectError|NoPythonVersion|PdmException|BuildError)\]: (?<message>.*)/,
      weight: 92,
      category: 'dependency',
      subcategory: 'resolution',
      context: { before: 4, after: 4 },
    },
    {
      id: 'tox.interpreter-missing',
      near: ['could not find python interpreter', 'interpreternotfound'],
      pattern:
        /^(?:ERROR: {1,3})?(?<message>(?:\S{1,60}: )?(?:skipped because could not find python interpreter|InterpreterNotFound).*)/,
      weight: 88,
      category: 'dependency',
      subcategory: 'python_version',
    },
    {
      id: 'pipenv.lock',
      near: ['your pipfile.lock'],
      pattern: /(?<message>Your Pipfile\.lock \(.{1,80}\) is out of date.*)/,
      weight: 93,
      category: 'dependency',
      subcategory: 'lockfile',
      suggestion: 'pipenv lock',
    },
    {
      id: 'conda.unsatisfiable',
      near: [
        'packagesnotfounderror',
        'resolvepackagenotfound',
        'unsatisfiableerror',
        'could not solve for environment specs',
        'nothing provides ',
      ],
      pattern:
        /(?<message>(?:PackagesNotFoundError|ResolvePackageNotFound|(?:LibMamba)?UnsatisfiableError)\b.*|(?:error {1,8}libmamba )?Could not solve for environment specs.*|.{0,20}nothing provides (?:requested )?\S.{0,200})/,
      weight: 91,
      category: 'dependency',
      subcategory: 'unresolvable_package',
      context: { before: 1, after: 8 },
    },
    {
      id: 'setuptools.layout',
      near: [
        'multiple top-level packages discovered',
        'unable to determine which files to ship',
        'invalid pyproject.toml',
      ],
      pattern:
        /(?<message>(?:error: )?Multiple top-level packages discovered in a flat-layout.*|ValueError: Unable to determine which files to ship.*|.{0,60}invalid pyproject\.toml.*)/i,
      weight: 93,
      category: 'build_config',
      subcategory: 'python_project',
    },
    {
      id: 'hatch.readme',
      near: ['readme file does not exist', 'license file does not exist'],
      pattern: /(?<message>OSError: (?:Readme|License) file does not exist: \S.*)/,
      weight: 93,
      category: 'build_config',
      subcategory: 'missing_file',
    },
    {
      id: 'python-build.backend',
      tool: 'build',
      near: ['backend subprocess exited', 'the build backend returned an error', 'backendunavailable'],
      pattern:
        /^(?<message>.{0,1000}?(?:Backend subprocess exited when trying|The build backend returned an error|BackendUnavailable\b).*)/,
      weight: 64,
      category: 'build_config',
      subcategory: 'package_build',
      context: { before: 6, after: 8 },
    },
    {
      id: 'twine.upload',
      near: ['file already exists', 'invaliddistribution', 'invalid or non-existent authentication'],
      pattern:
        /(?<message>(?:.{0,60}\bHTTPError: )?40[03] .{0,200}(?:File already exists|[Ii]nvalid or non-existent authentication).*|.{0,30}InvalidDistribution: .*)/,
      weight: 91,
      category: 'runtime_deploy',
      subcategory: 'publish_refused',
    },
  ],
};
