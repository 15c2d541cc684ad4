import { bundlers } from './bundlers.js';
import { containers } from './containers.js';
import { dart } from './dart.js';
import type { Detector } from './detector.js';
import { dotnet } from './dotnet.js';
import { generic } from './generic.js';
import { git } from './git.js';
import { githubActions } from './github-actions.js';
import { go } from './go.js';
import { goTests } from './go-tests.js';
import { infrastructure } from './infrastructure.js';
import { javascriptQuality } from './javascript-quality.js';
import { javascriptTests } from './javascript-tests.js';
import { jvm } from './jvm.js';
import { android } from './android.js';
import { gradle } from './gradle.js';
import { jvmTests } from './jvm-tests.js';
import { maven } from './maven.js';
import { nativeBuild } from './native-build.js';
import { nativeTests } from './native-tests.js';
import { rpm } from './rpm.js';
import { solidity } from './solidity.js';
import { native } from './native.js';
import { network } from './network.js';
import { packageManagers } from './package-managers.js';
import { packages } from './packages.js';
import { python } from './python.js';
import { pythonPackages } from './python-packages.js';
import { pythonQuality } from './python-quality.js';
import { pythonTests } from './python-tests.js';
import { pytorch } from './pytorch.js';
import { resources } from './resources.js';
import { ruby } from './ruby.js';
import { php } from './php.js';
import { rust } from './rust.js';
import { rustTests } from './rust-tests.js';
import { secrets } from './secrets.js';
import { systemPackages } from './system-packages.js';
import { typescript } from './typescript.js';
import { lintTools } from './lint-tools.js';
import { securityScanners } from './security-scanners.js';
import { releaseTools } from './release-tools.js';
import { deploymentTools } from './deployment-tools.js';
import { functionalLanguages } from './functional-languages.js';
import { scriptingLanguages } from './scripting-languages.js';
import { apple } from './apple.js';
import { deno } from './deno.js';
import { systemBuilds } from './system-builds.js';
import { scala } from './scala.js';
import { endToEnd } from './end-to-end.js';
import { databases } from './databases.js';
import { documentation } from './documentation.js';
import { policyGates } from './policy-gates.js';
import { clusterTools } from './cluster-tools.js';
import { browserTests } from './browser-tests.js';
import { wrappers } from './wrappers.js';
import { workflowScripts } from './workflow-scripts.js';
import { pythonProjects } from './python-projects.js';
import { rustQuality } from './rust-quality.js';
import { pythonUnittest } from './python-unittest.js';

/** Raised whenever rules change verdicts: stored answers of older rules are not reused. */
export const RULES_VERSION = '2';

/** Every tool family. On one line the heaviest rule wins; of equals the first listed here. */
export const DETECTORS: readonly Detector[] = [
  typescript,
  javascriptQuality,
  javascriptTests,
  browserTests,
  bundlers,
  packages,
  packageManagers,
  systemPackages,
  python,
  pythonTests,
  pythonUnittest,
  pythonQuality,
  pythonPackages,
  pythonProjects,
  pytorch,
  rust,
  rustQuality,
  rustTests,
  go,
  goTests,
  jvm,
  jvmTests,
  maven,
  gradle,
  android,
  native,
  nativeTests,
  nativeBuild,
  rpm,
  dotnet,
  dart,
  solidity,
  ruby,
  php,
  containers,
  infrastructure,
  githubActions,
  workflowScripts,
  git,
  network,
  resources,
  secrets,
  lintTools,
  securityScanners,
  releaseTools,
  deploymentTools,
  functionalLanguages,
  scriptingLanguages,
  apple,
  deno,
  systemBuilds,
  scala,
  endToEnd,
  databases,
  documentation,
  policyGates,
  clusterTools,
  generic,
  wrappers,
];
