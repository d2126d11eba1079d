#include "service/rpc/reporting_service.h"

#include "service/base/status_macros.h"
#include "service/rpc/method.h"
#include "service/rpc/report_call.h"
#include "service/wire/registration.h"

namespace connreg {

grpc::ServerUnaryReactor* ReportingService::Register(
    grpc::CallbackServerContext* context, const v1::RegisterRequest* request,
    v1::RegisterResponse* response) {
  return calls_.Answer(Method::kRegister, context, [&]() -> absl::Status {
    ASSIGN_OR_RETURN(const Registration registration,
                     RegistrationFromProto(*request, response));
    ASSIGN_OR_RETURN(const RegistrationOutcome outcome,
                     registry_.Register(registration));
    ToProto(outcome, registration, response);
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* ReportingService::Deregister(
    grpc::CallbackServerContext* context, const v1::DeregisterRequest* request,
    v1::DeregisterResponse* response) {
  return calls_.Answer(Method::kDeregister, context, [&]() -> absl::Status {
    ASSIGN_OR_RETURN(const Deregistration deregistration,
                     DeregistrationFromProto(*request));
    ASSIGN_OR_RETURN(const DeregistrationOutcome outcome,
                     registry_.Deregister(deregistration));
    ToProto(outcome, response);
    return absl::OkStatus();
  });
}

grpc::ServerBidiReactor<v1::ReportRequest, v1::ReportResponse>*
ReportingService::Report(grpc::CallbackServerContext* context) {
  // It deletes itself.
  return new ReportCall(*context, registry_, streams_, observer_);
}

void ReportingService::EndLapsed(const std::vector<Epoch>& sessions) {
  streams_.EndLapsed(sessions);
}

void ReportingService::EndStreams() { streams_.EndAll(); }

void ReportingService::AdvanceStreams() { streams_.Advance(); }

}  // namespace connreg
