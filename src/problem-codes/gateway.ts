import type { Explanation } from './explanation.ts';

/** Docker and the gateway. */
export const gatewayProblems = {
  'container-cannot-reach-server': {
    meaning: 'this machine can reach the model server, but the gateway’s container cannot',
    causes:
      'It listens on 127.0.0.1 only, its address means a different machine inside a container, or a firewall blocks containers.',
    fix: 'make the server listen on 0.0.0.0, then  claude-routing-install doctor --only local-server,container-network',
  },
  'container-foreign': {
    meaning: 'a container or network of somebody else has a name that this program needs',
    causes: 'It was made by hand or by another program, before this one.',
    fix: 'docker ps -a; docker network ls   then  docker rename NAME NAME-mine',
  },
  'docker-answer-unclear': {
    meaning: 'the engine says something that cannot be understood',
    causes: 'Another version of Docker, or a container that was created differently.',
    fix: 'docker version; docker container inspect litellm',
  },
  'docker-silent': {
    meaning: 'the Docker engine of this account does not answer',
    causes: 'It is stopped, it hangs, or this shell has no login session.',
    fix: 'systemctl --user status docker; systemctl --user restart docker',
  },
  'docker-wrong-engine': {
    meaning: 'docker commands go to another engine',
    causes: 'DOCKER_HOST or the context in use points elsewhere.',
    fix: 'unset DOCKER_HOST; docker context use rootless',
  },
  'failover-broken': {
    meaning: 'a request did not go where the answers promise',
    causes: 'Edited gateway files, a model that behaves differently, or a new image.',
    fix: 'claude-routing-install doctor; claude-routing-install drill',
  },
  'failover-model-unlike': {
    meaning: 'the model that takes over may refuse what is sent to the local one',
    causes: 'Claude Code asks for thinking that this model does not support.',
    fix: '--set failover.target=NAME   with a newer model',
  },
  'gateway-died': {
    meaning: 'the gateway’s container stopped',
    causes: 'A configuration that LiteLLM refuses, too little memory, or somebody stopped it.',
    fix: 'docker logs --tail 40 litellm   then  claude-routing-install',
  },
  'gateway-guard-missing': {
    meaning: 'the gateway runs without what keeps offline sessions from the cloud',
    causes: 'Its files were edited, or it was started without them.',
    fix: 'claude-routing-install doctor --fix',
  },
  'gateway-hook-missing': {
    meaning: 'the gateway runs without what adapts requests for the local model',
    causes: 'Its files were edited, or it was started without them.',
    fix: 'claude-routing-install doctor --fix',
  },
  'gateway-key-refused': {
    meaning: 'the gateway was started with a different key',
    causes: 'The key was changed in the file and the gateway was not restarted.',
    fix: 'claude-routing-install doctor --fix',
  },
  'gateway-model-missing': {
    meaning: 'the gateway does not offer a model that it should',
    causes: 'Its configuration was edited, or it has not read the new one.',
    fix: 'docker restart litellm   or  claude-routing-install',
  },
  'gateway-not-ready': {
    meaning: 'the gateway is starting, or one of its parts is unhealthy',
    causes: 'Starting takes about ten seconds, and longer on a busy machine.',
    fix: 'docker logs --tail 20 litellm',
  },
  'gateway-not-running': {
    meaning: 'there is no gateway, or its container does not run',
    causes: 'It was stopped or removed, or Docker does not run.',
    fix: 'docker start litellm   or  claude-routing-install doctor --fix',
  },
  'gateway-open': {
    meaning: 'the gateway answers requests without a key',
    causes: 'It was started without its key, so anyone on this machine could spend your money.',
    fix: 'docker stop litellm   then  claude-routing-install',
  },
  'gateway-request-failed': {
    meaning: 'the gateway could not do what was asked',
    causes: 'What the problem quotes, and the log says.',
    fix: 'docker logs --tail 40 litellm',
  },
  'gateway-restarted': {
    meaning: 'the gateway stopped by itself, and the engine restarted it',
    causes: 'It ran out of memory, was killed, or LiteLLM crashed.',
    fix: "docker logs --tail 100 litellm; journalctl -k | grep -i 'out of memory'",
  },
  'gateway-silent': {
    meaning: 'the gateway does not answer in time',
    causes: 'It is busy, it hangs, or the machine is out of memory.',
    fix: 'docker logs --tail 20 litellm; docker restart litellm',
  },
  'image-digest-wrong': {
    meaning: 'an image is not the one that was published under its name',
    causes: 'A tag that was moved, or an image of that name built here.',
    fix: 'docker image rm IMAGE   then  claude-routing-install',
  },
  'image-missing': {
    meaning: 'the registry does not have the image',
    causes: 'gateway.image in your answers names one that does not exist.',
    fix: 'leave gateway.image out of your answers to get the one that was tested',
  },
  'image-refused': {
    meaning: 'an image must not run here',
    causes: 'A release of LiteLLM that is known to be harmful or broken, or a tag without a version.',
    fix: 'claude-routing-install update gateway',
  },
  'image-signature-wrong': {
    meaning: 'the signature of an image could not be verified',
    causes: 'Its makers did not sign it, or the signatures could not be fetched.',
    fix: 'run the cosign command that the problem names',
  },
  'model-hidden': {
    meaning: 'Claude Code does not list a model because of its name',
    causes: 'It lists only names with "claude" or "anthropic" in them.',
    fix: 'type it:  /model NAME',
  },
  'request-log-missing': {
    meaning: 'the gateway cannot write the log of requests, or there is none yet',
    causes: 'The folder was removed or belongs to another account, or there was no request yet.',
    fix: 'claude-routing-install doctor --fix',
  },
  'rootful-docker-in-use': {
    meaning: 'root’s Docker engine runs containers',
    causes: 'They were there before, and switching the engine off would stop them.',
    fix: 'sudo docker ps   then  --set docker.keepRootful=true  or stop them yourself',
  },
  'rootless-impossible': {
    meaning: 'rootless Docker cannot be set up on this machine',
    causes: 'Packages, subordinate ids or kernel settings are missing.',
    fix: 'dockerd-rootless-setuptool.sh check',
  },
  'service-does-not-start': {
    meaning: 'a service of this machine does not start',
    causes:
      'A mistake in its configuration, a file that it may not use, a program that is gone; or somebody has masked it.',
    fix: 'journalctl --user -u docker.service -o cat -n 50   then  claude-routing-install doctor --only engine',
  },
  'trial-gateway-failed': {
    meaning: 'the throw-away gateway for the fault tests does not start',
    causes: 'The engine does not run, or the gateway’s own files would not start it either.',
    fix: 'docker info; claude-routing-install plan; claude-routing-install doctor',
  },
} as const satisfies Record<string, Explanation>;
