// The detectors by the name that a policy gives them.
import type { ContentDetector } from '../../../../schemas/kinds/policies/dlp-rules.ts';
import type { Span } from '../span.ts';
import { cardNumbers, ibans } from './digits.ts';
import {
  awsKeys,
  azureStorageKeys,
  gitHubTokens,
  gitLabTokens,
  googleApiKeys,
  jsonWebTokens,
  privateKeys,
  slackTokens,
} from './keys.ts';

/** Where something of the kind stands in a text; in any order. */
export type Detect = (text: string) => readonly Span[];

export const DETECTORS: Readonly<Record<ContentDetector, Detect>> = {
  CardNumber: cardNumbers,
  Iban: ibans,
  PrivateKey: privateKeys,
  AwsAccessKey: awsKeys,
  AzureStorageKey: azureStorageKeys,
  GoogleApiKey: googleApiKeys,
  GitHubToken: gitHubTokens,
  GitLabToken: gitLabTokens,
  SlackToken: slackTokens,
  JsonWebToken: jsonWebTokens,
};
