#ifndef CONNREG_SERVICE_WIRE_ANSWER_H_
#define CONNREG_SERVICE_WIRE_ANSWER_H_

#include "connreg/v1/registry_service.pb.h"
#include "connreg/v1/socket.pb.h"
#include "service/model/connection.h"
#include "service/model/coverage.h"
#include "service/model/query.h"
#include "service/wire/shared_messages.h"

namespace connreg {

// What the answers to several questions are made of. `shared` is of the answer
// that the rows stand in.
//
// REQUIRES: the message is empty.
void ToProto(const Coverage& coverage, v1::Coverage* proto);
void ToProto(const Connection& connection, SharedMessages& shared,
             v1::Connection* proto);
void ToProto(const ListenerAnswer& answer, SharedMessages& shared,
             v1::Listener* proto);

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_ANSWER_H_
