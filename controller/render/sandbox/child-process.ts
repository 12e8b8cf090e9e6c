// Runs inside the sandbox, in place of `node:child_process`: cdk8s starts processes for Helm charts and for YAML from URLs.
function refuse(): never {
  throw Object.assign(
    new Error('starting a process (Helm, Yaml.load, Include) is not available while a configuration is rendered'),
    { name: 'RenderDenied' },
  );
}

export const spawnSync = refuse;
export const execFileSync = refuse;
export const execSync = refuse;
export const spawn = refuse;
export const exec = refuse;
