#ifndef CONNREG_SERVICE_WIRE_REGISTRATION_H_
#define CONNREG_SERVICE_WIRE_REGISTRATION_H_

#include "absl/status/statusor.h"
#include "connreg/v1/reporting_service.pb.h"
#include "service/model/registration.h"

namespace connreg {

// The registration of `proto`, without the rows that are malformed; each of
// those adds a refusal to `response`, as long as that lists them, and is
// counted there.
//
// INVALID_ARGUMENT: the request as a whole cannot be taken, with the path of
//   the field and a reason.
absl::StatusOr<Registration> RegistrationFromProto(
    const v1::RegisterRequest& proto, v1::RegisterResponse* response);

// INVALID_ARGUMENT: the same; here a bad row is the whole request's fault.
absl::StatusOr<Deregistration> DeregistrationFromProto(
    const v1::DeregisterRequest& proto);

// `outcome` is that of `registration`; the refusals in the response stay.
void ToProto(const RegistrationOutcome& outcome,
             const Registration& registration, v1::RegisterResponse* proto);
void ToProto(const DeregistrationOutcome& outcome,
             v1::DeregisterResponse* proto);

// The request that makes this registration, or takes that back.
//
// REQUIRES: the message is empty.
void ToProto(const Registration& registration, v1::RegisterRequest* proto);
void ToProto(const Deregistration& deregistration,
             v1::DeregisterRequest* proto);

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_REGISTRATION_H_
