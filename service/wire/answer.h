#ifndef CONNREG_SERVICE_WIRE_ANSWER_H_
#define CONNREG_SERVICE_WIRE_ANSWER_H_

#include "connreg/v1/registry_service.pb.h"
#include "connreg/v1/socket.pb.h"
#include "service/model/connection.h"
#include "service/model/coverage.h"
#include "service/model/query.h"

namespace connreg {

// What the answers to several questions are made of.
//
// REQUIRES: the message is empty.
void ToProto(const Coverage& coverage, v1::Coverage* proto);
void ToProto(const Connection& connection, v1::Connection* proto);
void ToProto(const ListenerAnswer& answer, v1::Listener* proto);

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_ANSWER_H_
