import { InvalidInput, type Signer } from '@app/domain';
import {
  AppInForce,
  FORM_CONTENT_TYPE,
  isSignature,
  namedRepository,
  readDelivery,
  readPayload,
  verifySignature,
} from '@app/github';
import { IngestDelivery, WebhookSecrets } from '@app/pipeline';
import {
  Body,
  Controller,
  Headers,
  Post,
  Req,
  Res,
  UnauthorizedException,
  UnsupportedMediaTypeException,
} from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBadRequestResponse,
  ApiBody,
  ApiConsumes,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiTooManyRequestsResponse,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../auth/api-key.guard.js';
import { problemSchema } from '../http/problem.js';
import { RequestLimits } from '../rate-limit/request-limits.js';
import { deliveryAnswerSchema, type DeliveryAnswer } from './delivery-answer.schema.js';

/** GitHub's are UUIDs. No dot: ids with one are the product's own, of runs that it found without a delivery. */
const DELIVERY_ID = /^[\w-]{1,100}$/;

@ApiTags('webhooks')
@Public()
@Controller('webhooks')
export class WebhooksController {
  constructor(
    private readonly inForce: AppInForce,
    private readonly ingest: IngestDelivery,
    private readonly secrets: WebhookSecrets,
    private readonly limits: RequestLimits,
  ) {}

  /** Answers after one transaction; everything else happens in the background. */
  @Post('github')
  @ApiOperation({ summary: 'Takes a GitHub webhook delivery, proven by its signature.' })
  @ApiConsumes('application/json', FORM_CONTENT_TYPE)
  @ApiBody({
    schema: {
      type: 'object',
      description: 'The event, signed as it is sent; in a form it is the JSON in the field “payload”.',
    },
  })
  @ApiAcceptedResponse({ standardSchema: deliveryAnswerSchema, description: 'Stored; work follows.' })
  @ApiOkResponse({
    standardSchema: deliveryAnswerSchema,
    description: 'Nothing to do: ignored or a duplicate.',
  })
  @ApiUnauthorizedResponse({ standardSchema: problemSchema })
  @ApiBadRequestResponse({ standardSchema: problemSchema })
  @ApiTooManyRequestsResponse({
    standardSchema: problemSchema,
    description:
      'Too many failed signatures from one address; signed deliveries are never refused for their rate.',
  })
  async github(
    @Headers('x-github-delivery') deliveryId: string | undefined,
    @Headers('x-github-event') event: string | undefined,
    @Headers('x-hub-signature-256') signature: string | undefined,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DeliveryAnswer> {
    if (!Buffer.isBuffer(body))
      throw new UnsupportedMediaTypeException(
        `A delivery is taken as application/json or ${FORM_CONTENT_TYPE}; set one of these content types at your GitHub webhook.`,
      );
    const contentType = request.headers['content-type'];
    const signer = await this.signerOf(body, contentType, signature);
    if (!signer) {
      await this.limits.takeForAddress(request, reply);
      throw new UnauthorizedException(
        (await this.inForce.webhookSecrets()).length === 0
          ? 'No webhook secret vouches for this delivery; set GITHUB_WEBHOOK_SECRET, or the project’s own secret, to the secret of your GitHub webhook.'
          : WRONG_SIGNATURE,
      );
    }
    if (!event || !deliveryId || !DELIVERY_ID.test(deliveryId)) {
      throw new InvalidInput('X-GitHub-Event and X-GitHub-Delivery are needed.');
    }

    const payload = readPayload(body, contentType);
    const delivery = readDelivery({ id: deliveryId, event, payload, receivedAt: new Date() });
    // The event's name is not signed: a project's secret vouches for that project, whatever it is called.
    if (delivery.meaning.kind === 'installation' && !signer.isShared)
      throw new UnauthorizedException('Installations are proven by the GitHub App’s own webhook secret.');
    const recorded = await this.ingest.run(delivery, signer);
    if (recorded.refused) {
      await this.limits.takeForAddress(request, reply);
      throw new UnauthorizedException(WRONG_SIGNATURE);
    }
    const status = recorded.duplicate
      ? 'duplicate'
      : delivery.meaning.kind === 'ignored'
        ? 'ignored'
        : 'accepted';
    void reply.status(status === 'accepted' ? 202 : 200);
    return {
      status,
      deliveryId,
      reason: delivery.meaning.kind === 'ignored' ? delivery.meaning.reason : null,
      incidents: recorded.incidents.map(({ incidentId }) => incidentId),
    };
  }

  /** Whose secret the bytes were signed with; null: nobody's. */
  private async signerOf(
    body: Buffer,
    contentType: string | undefined,
    signature: string | undefined,
  ): Promise<Signer | null> {
    if (verifySignature(body, signature, await this.inForce.webhookSecrets())) return { isShared: true };
    if (!isSignature(signature)) return null;
    const repository = namedRepository(unproven(body, contentType));
    const own = repository ? await this.secrets.ofRepository(repository) : [];
    if (verifySignature(body, signature, own)) return { isShared: false };
    // The GitHub App may be seconds old, set up by another process.
    const anew = await this.inForce.webhookSecretsAnew();
    return verifySignature(body, signature, anew) ? { isShared: true } : null;
  }
}

const WRONG_SIGNATURE = 'X-Hub-Signature-256 is missing or does not match the configured webhook secret.';

/** Null for what can't be read; nothing in it may be believed before its signature is checked. */
function unproven(body: Buffer, contentType: string | undefined): unknown {
  try {
    return readPayload(body, contentType);
  } catch (error) {
    if (error instanceof InvalidInput) return null;
    throw error;
  }
}
