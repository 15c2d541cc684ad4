export { loadConfig, InvalidConfiguration, type Config, type LlmConfig } from './config.js';
export { envSchema } from './env-schema.js';
