import type { Detector } from './detector.js';

/** Scripts of workflows: shells, PowerShell, missing files and variables. */
export const workflowScripts: Detector = {
  family: 'workflow-scripts',
  rules: [
    {
      id: 'shell.syntax',
      near: [
        'syntax error near unexpected',
        'syntax error: ',
        'unexpected end of file',
        'unexpected eof while looking',
        'bad substitution',
        'unbound variable',
        'parameter null or not set',
        'unary operator expected',
        'integer expression expected',
        'is an invalid environment',
        'conditional binary operator',
        'illegal option',
        'unknown operand',
      ],
      pattern:
        /^(?:\S{1,300}: )(?:(?:line )?\d{1,6}: )?(?<message>(?:[sS]yntax error.*|unexpected (?:end of file|EOF while looking).*|\S{0,80} ?[bB]ad substitution.*|\S{1,80}: (?:unbound variable|parameter null or not set).*|.{0,60}conditional binary operator expected.*|set: [Ii]llegal option .*|\[: .{1,80}: unknown operand.*))/,
      weight: 93,
      category: 'workflow_config',
      subcategory: 'script_syntax_error',
    },
    {
      id: 'shell.missing-script',
      tool: 'shell',
      near: [
        'no such file or directory',
        'cannot access',
        'cannot stat',
        "can't cd to",
        'cannot open',
        'not a directory',
        "can't open",
        'permission denied',
      ],
      pattern:
        /^(?:\/\S{1,300}|[\w.-]{1,40}): (?:(?:line )?\d{1,6}: )?(?<message>(?:cd: )?(?:(?:cannot (?:access|stat|open|create regular file|touch|remove)|can't (?:read|open|stat)) )?['‘"]?(?<file>[^'’"\s:][^'’":]{0,300})['’"]?: (?:No such file or directory|Permission denied|Not a directory)|can't (?:cd to|open) .*)/,
      unless:
        /^(?:error|fatal|warning|gcc|g\+\+|clang|ld|make|gmake|Error|E|git|curl|curl.*): |: fatal error:|cannot open shared object/,
      weight: 89,
      category: 'workflow_config',
      subcategory: 'missing_script',
    },
    {
      id: 'powershell.path',
      near: [
        'either does not exist or is not a valid file system path',
        'cannot find path',
        'cannot find drive',
        'parameternotfound',
        'a parameter cannot be found',
        'parsererror',
        'the term ',
      ],
      pattern:
        /(?<message>The path '.{1,300}' either does not exist or is not a valid file system path.*|Cannot find (?:path|drive).*|A parameter cannot be found that matches .*|ParserError: .*)/,
      weight: 92,
      category: 'workflow_config',
      subcategory: 'artifact_path_missing',
      context: { before: 5, after: 2 },
    },
    {
      id: 'powershell.command',
      tool: 'powershell',
      near: ['is not recognized as a name of a cmdlet', 'is not recognized as the name of a cmdlet'],
      pattern: /(?<message>[Tt]he term '(?<code>[^']{1,200})' is not recognized as .*)/,
      weight: 92,
      category: 'dependency',
      subcategory: 'tool_not_installed',
    },
    {
      id: 'actions.env-missing',
      tool: 'workflow',
      near: ['environment variable', 'env var', 'missing required'],
      pattern:
        /^(?<message>.{0,1500}?(?:[Mm]issing(?: required)? (?:environment variables?|env vars?)|[Ee]nvironment variables? .{1,80} (?:(?:is|are) (?:not set|missing|required|undefined)|not (?:set|found|defined))).*)/,
      unless: /^\s{0,8}(?:warn|info|debug)/i,
      weight: 86,
      category: 'workflow_config',
      subcategory: 'environment_missing',
    },
  ],
};
