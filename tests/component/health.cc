#include "tests/component/health.h"

#include "tests/component/service_fixture.h"

namespace connreg {
namespace {

using Stub = grpc::health::v1::Health::Stub;

std::unique_ptr<Stub> NewStub(const std::shared_ptr<grpc::Channel>& channel) {
  return grpc::health::v1::Health::NewStub(channel);
}

grpc::health::v1::HealthCheckRequest RequestOf(const std::string& service) {
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  return request;
}

}  // namespace

Health::ServingStatus HealthOf(const std::shared_ptr<grpc::Channel>& channel,
                               const std::string& service) {
  Health response;
  const grpc::Status status =
      Call(*NewStub(channel), &Stub::Check, RequestOf(service), &response);
  return status.error_code() == grpc::StatusCode::NOT_FOUND
             ? Health::SERVICE_UNKNOWN
             : response.status();
}

HealthWatch::HealthWatch(const std::shared_ptr<grpc::Channel>& channel,
                         const std::string& service) {
  context_.set_deadline(Deadline());
  reader_ = NewStub(channel)->Watch(&context_, RequestOf(service));
}

HealthWatch::~HealthWatch() {
  context_.TryCancel();
  reader_->Finish();
}

Health::ServingStatus HealthWatch::Next() {
  const std::optional<Health::ServingStatus> before = last_;
  Health response;
  while (last_ == before) {
    if (!reader_->Read(&response)) return Health::UNKNOWN;
    last_ = response.status();
  }
  return *last_;
}

}  // namespace connreg
