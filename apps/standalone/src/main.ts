import 'reflect-metadata';
import { runProcess } from '@app/composition';
import { serveApi } from '../../api/src/index.js';
import { WorkerModule } from '../../worker/src/index.js';

// Api and worker in one process: what `npm start` and the demo run.
await runProcess('standalone', (context) => serveApi(context, [WorkerModule]));
