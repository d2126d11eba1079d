#ifndef CONNREG_SERVICE_WIRE_REGISTRY_STATUS_H_
#define CONNREG_SERVICE_WIRE_REGISTRY_STATUS_H_

#include "connreg/v1/registry_service.pb.h"
#include "service/model/query.h"

namespace connreg {

// REQUIRES: the response is empty.
void ToProto(const RegistryStatus& status, v1::GetStatusResponse* proto);

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_REGISTRY_STATUS_H_
