"""The comparison function of the benchmark in Python: what a function written with the Python SDK does per call, with the same
output as ours. What to desire is copied from a template, as in ../go."""

import argparse
import json

from crossplane.function import resource, response, runtime
from crossplane.function.proto.v1 import run_function_pb2 as fnv1
from crossplane.function.proto.v1 import run_function_pb2_grpc as grpcv1
from google.protobuf import duration_pb2


class Function(grpcv1.FunctionRunnerServiceServicer):
    def __init__(self, template):
        self.template = template

    async def RunFunction(self, req, _):
        rsp = response.to(req)
        rsp.meta.ttl.CopyFrom(duration_pb2.Duration(seconds=int(self.template["ttlSeconds"])))
        observed = req.observed.resources
        for name, manifest in self.template["resources"].items():
            desired = rsp.desired.resources[name]
            resource.update(desired, manifest)
            ready = name in observed and resource.get_condition(observed[name].resource, "Ready").status == "True"
            desired.ready = fnv1.READY_TRUE if ready else fnv1.READY_FALSE
        resource.update(rsp.desired.composite, {"status": self.template["status"]})
        rsp.desired.composite.ready = fnv1.READY_TRUE
        for condition in self.template["conditions"]:
            rsp.conditions.append(
                fnv1.Condition(
                    type=condition["type"],
                    status=condition["status"],
                    reason=condition["reason"],
                    message=condition["message"],
                    target=fnv1.TARGET_COMPOSITE_AND_CLAIM,
                )
            )
        return rsp


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--address")
    parser.add_argument("--insecure", action="store_true")
    parser.add_argument("--tls-certs-dir")
    parser.add_argument("--template")
    flags = parser.parse_args()
    with open(flags.template, encoding="utf-8") as file:
        template = json.load(file)
    runtime.serve(
        Function(template),
        flags.address,
        creds=None if flags.insecure else runtime.load_credentials(flags.tls_certs_dir),
        insecure=flags.insecure,
        options=[("grpc.max_receive_message_length", 16 * 1024 * 1024)],
    )


if __name__ == "__main__":
    main()
