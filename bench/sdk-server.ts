// The same handler on the SDK's own server, untouched.
import { serve } from '@crossplane-org/function-sdk-typescript';
import { runFunction } from '../src/function.ts';

serve((request) => runFunction(request), { name: 'sdk' });
