#ifndef CONNREG_SERVICE_RPC_UNARY_METHOD_H_
#define CONNREG_SERVICE_RPC_UNARY_METHOD_H_

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "google/protobuf/message_lite.h"
#include "service/rpc/method.h"

namespace connreg {

// UnaryMethod is how calls of a method are answered.
struct UnaryMethod {
  using Message = google::protobuf::MessageLite;

  Method method{};
  // Of the kinds that its messages are.
  const Message* request = nullptr;
  const Message* response = nullptr;
  // Fills in the empty response, unless it returns an error. Thread-safe.
  std::function<absl::Status(const Message& request, Message* response)> answer;
  // Whether a request is answered in little time; null: none is. Thread-safe.
  std::function<bool(const Message& request)> is_short;
};

// That of `method`, which `service` answers with `answer`. Of a request that
// `is_short` says true of, the answer is to take microseconds.
template <typename Service, typename Request, typename Response>
UnaryMethod AnsweredBy(Method method, Service* service,
                       absl::Status (Service::*answer)(const Request&,
                                                       Response*),
                       bool (*is_short)(const Request&) = nullptr) {
  using Message = UnaryMethod::Message;
  UnaryMethod result = {.method = method,
                        .request = &Request::default_instance(),
                        .response = &Response::default_instance()};
  result.answer = [=](const Message& request, Message* response) {
    return (service->*answer)(static_cast<const Request&>(request),
                              static_cast<Response*>(response));
  };
  if (is_short != nullptr) {
    result.is_short = [=](const Message& request) {
      return is_short(static_cast<const Request&>(request));
    };
  }
  return result;
}

}  // namespace connreg

#endif  // CONNREG_SERVICE_RPC_UNARY_METHOD_H_
