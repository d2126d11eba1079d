#include "service/rpc/reporting_service.h"

#include "service/base/status_macros.h"
#include "service/rpc/method.h"
#include "service/rpc/report_call.h"
#include "service/wire/registration.h"

namespace connreg {

std::vector<UnaryMethod> ReportingService::Methods() {
  return {
      AnsweredBy(Method::kRegister, this, &ReportingService::Register),
      AnsweredBy(Method::kDeregister, this, &ReportingService::Deregister),
  };
}

void ReportingService::ServeStreams(RawMethods& service, CallLoop& loop) {
  ReportCall::Serve({.loop = loop,
                     .service = service,
                     .registry = registry_,
                     .streams = streams_,
                     .observer = observer_});
}

absl::Status ReportingService::Register(const v1::RegisterRequest& request,
                                        v1::RegisterResponse* response) {
  ASSIGN_OR_RETURN(const Registration registration,
                   RegistrationFromProto(request, response));
  ASSIGN_OR_RETURN(const RegistrationOutcome outcome,
                   registry_.Register(registration));
  ToProto(outcome, registration, response);
  return absl::OkStatus();
}

absl::Status ReportingService::Deregister(const v1::DeregisterRequest& request,
                                          v1::DeregisterResponse* response) {
  ASSIGN_OR_RETURN(const Deregistration deregistration,
                   DeregistrationFromProto(request));
  ASSIGN_OR_RETURN(const DeregistrationOutcome outcome,
                   registry_.Deregister(deregistration));
  ToProto(outcome, response);
  return absl::OkStatus();
}

void ReportingService::EndLapsed(const std::vector<Epoch>& sessions) {
  streams_.EndLapsed(sessions);
}

void ReportingService::EndStreams() { streams_.EndAll(); }

void ReportingService::AdvanceStreams() { streams_.Advance(); }

}  // namespace connreg
