import 'reflect-metadata';
import { runProcess } from '@app/composition';
import { serveApi } from './serve-api.js';

await runProcess('api', (context) => serveApi(context));
